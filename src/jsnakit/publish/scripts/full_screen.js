/* Full screen: the page from its control bar, one figure from the right end of its tools. Where the browser or the page around does not allow it, there is no button;
   in a page within a page there is a link to the whole one instead. */
(function () {
  "use strict";

  var framed = window.top !== window.self;

  function toggle(target) {
    var button = jsnakit.make("button", {type: "button", "class": "jp-fullscreen"}, "Full screen");

    function tick() {
      button.textContent = document.fullscreenElement === target ? "Leave full screen" : "Full screen";
    }

    button.addEventListener("click", function () {
      var asked = document.fullscreenElement === target ? document.exitFullscreen() : target.requestFullscreen();
      asked.catch(function () { jsnakit.say("The browser does not allow full screen here."); });
    });
    document.addEventListener("fullscreenchange", tick);
    return button;
  }

  function whole() {
    var link = jsnakit.make("a", {"class": "jp-fullscreen", href: location.href, target: "_blank", rel: "noopener"}, "Open in a new tab");

    function tick() { link.href = location.href.replace(/([#&])only=[^&]*&?/, "$1"); }

    tick();
    window.addEventListener("hashchange", tick);
    jsnakit.state.on(tick);
    return link;
  }

  jsnakit.ready(function () {
    var bar = document.getElementById("jp-controls");
    if (bar && (document.fullscreenEnabled || framed)) {
      var button = document.fullscreenEnabled ? toggle(document.documentElement) : whole();
      button.classList.add("jp-control");
      bar.appendChild(button);
      bar.hidden = false;
    }
    if (!document.fullscreenEnabled) { return; }
    Array.prototype.forEach.call(document.querySelectorAll(".jp-row"), function (figure) {
      var tools = figure.querySelector(".jp-tools");
      if (!tools) { return; }
      var head = figure.querySelector("h2");
      var button = toggle(figure);
      button.classList.add("jp-tool");
      if (head && head.id) { button.setAttribute("aria-describedby", head.id); }
      tools.appendChild(button);
    });
  });
})();
