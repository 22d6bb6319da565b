/* Narrows the index of the site to the entries that hold every word typed, wherever they stand in it; accents and case do not count. */
(function () {
  "use strict";

  function plain(text) { return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase(); }

  jsnakit.state.define("q", function (value) { return value.length <= 100; });

  jsnakit.ready(function () {
    var place = document.getElementById("jp-search");
    var index = document.getElementById("jp-index");
    if (!place || !index) { return; }
    var make = jsnakit.make;
    var entries = Array.prototype.map.call(index.querySelectorAll("li"), function (row) { return {row: row, words: plain(row.textContent)}; });
    var groups = Array.prototype.slice.call(index.querySelectorAll("section"));
    var box = make("input", {type: "search", id: "jp-query", autocomplete: "off", "aria-describedby": "jp-query-says"});
    var says = make("p", {id: "jp-query-says", role: "status"});

    function narrow() {
      var asked = plain(box.value).split(/\s+/).filter(Boolean);
      var shown = 0;
      entries.forEach(function (entry) {
        var fits = asked.every(function (word) { return entry.words.indexOf(word) >= 0; });
        entry.row.hidden = !fits;
        if (fits) { shown += 1; }
      });
      groups.forEach(function (group) { group.hidden = !group.querySelector("li:not([hidden])"); });
      says.textContent = !asked.length ? "" : shown ? shown + " of " + entries.length + " found." : "Nothing holds all of these words. Try fewer, or the start of one.";
    }

    box.addEventListener("input", function () {
      jsnakit.state.set({q: box.value.trim().slice(0, 100)});
      narrow();
    });
    jsnakit.state.on(function (changed) {
      if (changed.indexOf("q") >= 0 && jsnakit.state.get("q") !== box.value.trim()) {
        box.value = jsnakit.state.get("q");
        narrow();
      }
    });
    place.appendChild(make("label", {"for": "jp-query"}, "What are you looking for?"));
    place.appendChild(box);
    place.appendChild(says);
    place.hidden = false;
    box.value = jsnakit.state.get("q");
    narrow();
  });

  /* On the first page: a box whose words are looked for on the page of search. */
  jsnakit.ready(function () {
    var place = document.getElementById("jp-find");
    if (!place) { return; }
    var make = jsnakit.make;
    var box = make("input", {type: "search", id: "jp-words", autocomplete: "off"});
    var button = make("button", {type: "button", "class": "jp-control"}, "Search");
    var link = place.querySelector("a");

    function go() { location.href = link.getAttribute("href").split("#")[0] + "#q=" + encodeURIComponent(box.value.trim().slice(0, 100)); }

    button.addEventListener("click", go);
    box.addEventListener("keydown", function (event) { if (event.key === "Enter") { go(); } });
    place.insertBefore(make("div", {"class": "jp-findbox"}, box, button), place.firstChild);
    place.insertBefore(make("label", {"for": "jp-words"}, "Find your area, a measure or a word"), place.firstChild);
  });
})();
