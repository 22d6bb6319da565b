/* The one global object, and what every other file needs: elements made without markup, data that the page carries, and when to begin. */
var jsnakit = (function () {
  "use strict";

  var SVG = "http://www.w3.org/2000/svg";
  /* Attributes that neither run nor load anything. */
  var SAFE = new RegExp("^(?:class|id|type|role|title|href|download|hidden|tabindex|for|value|name|scope|colspan|lang|rel|target|" +
    "readonly|rows|list|autocomplete|placeholder|selected|checked|disabled|open|" +
    "d|x|y|x1|x2|y1|y2|r|cx|cy|width|height|points|transform|viewBox|text-anchor|focusable|aria-[a-z]+|data-[a-z-]+)$");

  /* Attributes by a fixed list of names; text only ever as text. Null and false are left out. */
  function fill(element, attributes, children) {
    Object.keys(attributes || {}).forEach(function (name) {
      var value = attributes[name];
      if (value === null || value === undefined || value === false) { return; }
      if (!SAFE.test(name)) { throw new Error("no attribute " + name); }
      element.setAttribute(name, value === true ? "" : String(value));
    });
    children.forEach(function (child) {
      if (child !== null && child !== undefined) {
        element.appendChild(typeof child === "object" ? child : document.createTextNode(String(child)));
      }
    });
    return element;
  }

  /* An HTML element: make("button", {type: "button"}, "Full screen"). */
  function make(tag, attributes) {
    return fill(document.createElement(tag), attributes, Array.prototype.slice.call(arguments, 2));
  }

  /* An SVG element. */
  function draw(tag, attributes) {
    return fill(document.createElementNS(SVG, tag), attributes, Array.prototype.slice.call(arguments, 2));
  }

  /* What Python embedded under a name; null where there is nothing. */
  function read(name) {
    var holder = document.getElementById("jk-data-" + name);
    return holder && holder.type === "application/json" ? JSON.parse(holder.textContent) : null;
  }

  /* Calls back when the page is there. One part that fails must not take the others with it. */
  function ready(begin) {
    function safely() {
      try { begin(); } catch (error) { setTimeout(function () { throw error; }, 0); }
    }
    if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", safely); } else { safely(); }
  }

  /* Says something to screen readers, without moving anything. */
  function say(words) {
    var voice = document.getElementById("jk-voice");
    if (!voice) {
      voice = make("p", {id: "jk-voice", "class": "jk-vh", role: "status"});
      document.body.appendChild(voice);
    }
    voice.textContent = words;
  }

  return {make: make, draw: draw, read: read, ready: ready, say: say};
})();
