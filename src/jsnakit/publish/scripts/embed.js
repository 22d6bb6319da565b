/* A figure in another page: the text to paste there, and the page as it looks there ("#only=ranked": that figure with its notes, and a way to the whole). */
(function () {
  "use strict";

  var root = document.documentElement;

  function quoted(text) {
    return String(text).replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  }

  function address(key) {
    var palette = jsnakit.state.get("palette");
    return location.href.split("#")[0] + "#only=" + key + (palette ? "&palette=" + palette : "");
  }

  function snippet(figure, title) {
    return "<iframe src=\"" + quoted(address(figure.id)) + "\" title=\"" + quoted(title) + "\" width=\"100%\" height=\"" +
      Math.min(1200, Math.max(400, Math.ceil(figure.offsetHeight / 50) * 50 + 100)) + "\" allow=\"fullscreen\" loading=\"lazy\"></iframe>";
  }

  function tool(figure) {
    var tools = figure.querySelector(".jp-tools");
    var head = figure.querySelector("h2");
    if (!tools || !head) { return; }
    var id = figure.id + "-embed";
    var box = jsnakit.make("textarea", {id: id, readonly: true, rows: "4", "class": "jp-snippet"});
    var more = jsnakit.make("details", {"class": "jp-embed"},
      jsnakit.make("summary", {"class": "jk-link"}, "Embed"),
      jsnakit.make("label", {"for": id}, location.protocol === "file:" ? "Text to paste into a page of yours, once this site is on a web server" : "Text to paste into a page of yours"),
      box);
    more.addEventListener("toggle", function () { if (more.open) { box.value = snippet(figure, head.textContent); } });
    box.addEventListener("focus", function () { box.select(); });
    tools.appendChild(more);
  }

  function known(key) {
    /* Before the page is there nothing is known; what is chosen is looked at again when it is. */
    return /^[A-Za-z0-9_-]{1,80}$/.test(key);
  }

  function show() {
    var key = jsnakit.state.get("only");
    var figure = key ? document.getElementById(key) : null;
    var found = !!figure && (figure.classList.contains("jp-row") || figure.classList.contains("jp-keys"));
    Array.prototype.forEach.call(document.querySelectorAll("[data-only]"), function (element) { element.removeAttribute("data-only"); });
    var way = document.getElementById("jp-whole");
    if (way) { way.remove(); }
    if (!found) {
      root.removeAttribute("data-only-figure");
      return;
    }
    root.setAttribute("data-only-figure", "");
    figure.setAttribute("data-only", "");
    var palette = jsnakit.state.get("palette");
    var link = jsnakit.make("a", {href: location.href.split("#")[0] + "#" + key + (palette ? "&palette=" + palette : ""), target: "_blank", rel: "noopener"},
      "The whole page: " + document.title);
    figure.after(jsnakit.make("p", {id: "jp-whole"}, link));
  }

  jsnakit.state.define("only", known);
  jsnakit.ready(function () {
    Array.prototype.forEach.call(document.querySelectorAll(".jp-row[id]"), tool);
    show();
    jsnakit.state.on(show);
  });
})();
