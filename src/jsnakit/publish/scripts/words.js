/* Numbers and places in words: the same as `number_text` and `place_words` write in Python, held to it by shared examples. */
(function () {
  "use strict";

  function rounded(value, places) {
    var scale = Math.pow(10, places);
    return Math.floor(Number((Math.abs(value) * scale).toFixed(9)) + 0.5) / scale;
  }

  function grouped(text) { return text.replace(/\B(?=(?:\d{3})+(?!\d))/g, ","); }

  /* A number for reading: comma in thousands, from 100 on without decimals unless it is a percentage. */
  function number(value, percent, decimals) {
    var places = !percent && rounded(value, decimals) >= 100 ? 0 : decimals;
    var size = rounded(value, places);
    var parts = size.toFixed(places).split(".");
    return (value < 0 && size ? "-" : "") + grouped(parts[0]) + (parts.length > 1 ? "." + parts[1] : "") + (percent ? "%" : "");
  }

  function count(n) { return grouped(String(n)); }

  function ordinal(n) {
    var last = n % 100;
    var tail = last >= 10 && last <= 20 ? "th" : {1: "st", 2: "nd", 3: "rd"}[n % 10] || "th";
    return n + tail;
  }

  /* A rank (1 is the worst, the mean of its ties) as "9th worst". */
  function place(rank, of, ties) {
    var first = Math.round(rank - (ties - 1) / 2);
    var last = Math.round(rank + (ties - 1) / 2);
    var worse = first - 1 <= of - last;
    var at = worse ? first : of - last + 1;
    var side = worse ? "worst" : "best";
    var said = at === 1 ? (ties === 1 ? "the " + side : side) : ordinal(at) + " " + side;
    return ties > 1 ? "joint " + said : said;
  }

  jsnakit.words = {number: number, count: count, ordinal: ordinal, place: place};
})();
