/* Red, amber and green, or colours that are safe for colour-blind readers: one click, and the address keeps it. */
(function () {
  "use strict";

  var root = document.documentElement;

  function show() {
    if (jsnakit.state.get("palette") === "safe") { root.setAttribute("data-palette", "safe"); } else { root.removeAttribute("data-palette"); }
  }

  jsnakit.state.define("palette", /^safe$/, {carried: true});
  /* Before the page is there, so that it does not change colour under the reader's eyes. */
  show();

  jsnakit.ready(function () {
    var bar = document.getElementById("jp-controls");
    if (!bar) { return; }
    var button = jsnakit.make("button", {type: "button", "class": "jp-control", "aria-pressed": "false"}, "Colour-blind safe colours");

    function tick() {
      show();
      button.setAttribute("aria-pressed", String(jsnakit.state.get("palette") === "safe"));
    }

    button.addEventListener("click", function () {
      jsnakit.state.set({palette: jsnakit.state.get("palette") === "safe" ? "" : "safe"});
    });
    jsnakit.state.on(tick);
    tick();
    bar.appendChild(button);
    bar.hidden = false;
  });
})();
