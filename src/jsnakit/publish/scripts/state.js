/* What a reader chose, in the part of the address behind "#": shared by every panel, restored from a link, never sent to a server.

   An address is "#place-on-the-page", "#palette=safe&area=E06000009" or both: "#ranked&palette=safe". A key counts only if a script has defined it and its value
   passes the test given; everything else is ignored. */
(function () {
  "use strict";

  var LONGEST = 2000;
  var tests = Object.create(null);
  var carried = Object.create(null);
  var listeners = [];
  var values = Object.create(null);
  var place = "";

  function decoded(text) {
    try { return decodeURIComponent(text.replace(/\+/g, " ")); } catch (error) { return null; }
  }

  function parsed() {
    var found = Object.create(null);
    var raw = location.hash.slice(1);
    place = "";
    if (raw.length > LONGEST) { return found; }
    raw.split("&").forEach(function (part, i) {
      var at = part.indexOf("=");
      if (at < 0) {
        if (i === 0) { place = part; }
        return;
      }
      var name = part.slice(0, at);
      var value = decoded(part.slice(at + 1));
      if (value !== null && tests[name] && !(name in found) && tests[name](value)) { found[name] = value; }
    });
    return found;
  }

  function written(chosen, only) {
    return Object.keys(chosen).filter(function (name) { return chosen[name] && (!only || only[name]); }).map(function (name) {
      return name + "=" + encodeURIComponent(chosen[name]).replace(/%20/g, "+").replace(/%2C/g, ",");
    }).join("&");
  }

  function differing(before, after) {
    return Object.keys(tests).filter(function (name) { return (before[name] || "") !== (after[name] || ""); });
  }

  function tell(changed) {
    if (!changed.length) { return; }
    links();
    listeners.slice().forEach(function (listener) { listener(changed); });
  }

  /* A name, what its values must be (a RegExp that is anchored, or a function), and whether links to other pages of the site take it along. */
  function define(name, test, options) {
    tests[name] = typeof test === "function" ? test : function (value) { return test.test(value); };
    carried[name] = !!(options && options.carried);
    var now = parsed();
    if (now[name]) { values[name] = now[name]; }
  }

  /* The value of a name; empty where nothing is chosen. */
  function get(name) { return values[name] || ""; }

  /* Changes several names at once ("" takes one away), writes the address and tells the listeners. */
  function set(changes) {
    var before = Object.assign(Object.create(null), values);
    Object.keys(changes).forEach(function (name) {
      var value = String(changes[name] === null || changes[name] === undefined ? "" : changes[name]);
      if (!tests[name]) { throw new Error("no state " + name); }
      if (value && tests[name](value)) { values[name] = value; } else { delete values[name]; }
    });
    var changed = differing(before, values);
    if (!changed.length) { return; }
    var hash = [place, written(values)].filter(Boolean).join("&");
    /* Replaced, not pushed: twenty choices are not twenty steps back. A frame without an origin of its own may refuse it. */
    try {
      history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
    } catch (error) {
      location.replace("#" + hash);
    }
    tell(changed);
  }

  /* Calls back with the names that changed, after every choice and whenever the reader edits the address or goes back. */
  function on(listener) { listeners.push(listener); }

  /* The address of this page in this state, to be shared. */
  function address() { return location.href; }

  /* Links to the other pages of the site take along what is worth it. */
  function links() {
    var extra = written(values, carried);
    Array.prototype.forEach.call(document.querySelectorAll("a[href]"), function (link) {
      var href = link.getAttribute("href");
      var match = /^((?:\.\.\/)?(?:[\w-]+\/)?[\w-]+\.html)(?:#(.*))?$/.exec(href);
      if (!match) { return; }
      /* What the link says of its own page stays; what is carried is written anew. */
      var own = (match[2] || "").split("&").filter(function (part) { return part.indexOf("=") < 0 || !carried[part.slice(0, part.indexOf("="))]; });
      var hash = own.concat(extra).filter(Boolean).join("&");
      link.setAttribute("href", match[1] + (hash ? "#" + hash : ""));
    });
  }

  /* The browser knows no place called "ranked&palette=safe". */
  function show() {
    if (place && location.hash !== "#" + place) {
      var target = document.getElementById(decoded(place) || "");
      if (target) { target.scrollIntoView(); }
    }
  }

  window.addEventListener("hashchange", function () {
    var before = values;
    values = parsed();
    tell(differing(before, values));
    show();
  });

  jsnakit.ready(function () {
    links();
    show();
  });
  jsnakit.state = {define: define, get: get, set: set, on: on, address: address};
})();
