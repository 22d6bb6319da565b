/* The figures that the page carries: unpacked to whole numbers, NaN where there is none. What the bytes are is said in `jsnakit.publish.linked.cube`. */
(function () {
  "use strict";

  var CODES = ["status", "fifth", "england", "region"];

  function bytes(text) {
    var raw = atob(text.trim());
    var out = new Uint8Array(raw.length);
    for (var k = 0; k < raw.length; k++) { out[k] = raw.charCodeAt(k); }
    return out;
  }

  function inflated(packed) {
    var stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).arrayBuffer().then(function (buffer) { return new Uint8Array(buffer); });
  }

  /* 0, 1, 2, 3 ... as 0, -1, 1, -2 ... */
  function unfolded(n) { return n % 2 ? -(n + 1) / 2 : n / 2; }

  /* Each number from its difference to the one of the period before; 0 is missing. */
  function backward(folded, shape, length) {
    var out = new Float64Array(folded.length);
    for (var i = 0; i < shape[0]; i++) {
      for (var a = 0; a < length; a++) {
        var before = 0;
        for (var p = 0; p < shape[1]; p++) {
          var at = (i * shape[1] + p) * length + a;
          if (folded[at]) {
            before += unfolded(folded[at] - 1);
            out[at] = before;
          } else {
            out[at] = NaN;
          }
        }
      }
    }
    return out;
  }

  /* Twice the mean rank of each number of one period, 1 the worst; 0 where there is none. */
  function ranks(value, begin, length, sign, into) {
    var held = [];
    for (var a = 0; a < length; a++) { if (value[begin + a] === value[begin + a]) { held.push(begin + a); } }
    held.sort(function (x, y) { return sign * (value[x] - value[y]); });
    for (var from = 0; from < held.length;) {
      var to = from;
      while (to + 1 < held.length && value[held[to + 1]] === value[held[from]]) { to++; }
      for (var k = from; k <= to; k++) { into[held[k]] += from + to + 2; }
      from = to + 1;
    }
  }

  function unpacked(raw, head, signs) {
    var shape = head.shape;
    var found = {};
    var at = 0;
    head.planes.forEach(function (plane) {
      var size = shape[0] * shape[1] * plane[1];
      var numbers = new Float64Array(size);
      var weight = 1;
      for (var k = 0; k < plane[2]; k++) {
        for (var n = 0; n < size; n++) { numbers[n] += raw[at + n] * weight; }
        at += size;
        weight *= 256;
      }
      found[plane[0]] = numbers;
    });
    var cells = shape[0] * shape[1] * shape[2];
    var value = backward(found.value, shape, shape[2]);
    var lower = new Float64Array(cells).fill(NaN);
    var upper = new Float64Array(cells).fill(NaN);
    if (found.lower) {
      var below = backward(found.lower, shape, shape[2]);
      for (var n = 0; n < cells; n++) {
        lower[n] = value[n] - below[n];
        upper[n] = value[n] + below[n] + unfolded(Math.max(0, found.upper[n] - 1));
      }
    }
    var rank = new Float64Array(cells);
    if (found.rank) {
      for (var c = 0; c < cells; c++) { rank[c] = unfolded(found.rank[c]); }
      for (var i = 0; i < shape[0]; i++) {
        for (var p = 0; signs[i] && p < shape[1]; p++) { ranks(value, (i * shape[1] + p) * shape[2], shape[2], signs[i], rank); }
      }
    }
    var codes = {};
    CODES.forEach(function (name) {
      var plane = new Uint8Array(cells);
      if (found[name]) {
        for (var k = 0; k < cells; k++) {
          var first = k % (shape[1] * shape[2]) < shape[2];
          plane[k] = (first ? 0 : plane[k - shape[2]]) + found[name][k];
        }
      }
      codes[name] = plane;
    });
    var lengths = {};
    head.planes.forEach(function (plane) { lengths[plane[0]] = plane[1]; });
    return {
      shape: shape, value: value, lower: lower, upper: upper, rank: rank, codes: codes, nRegions: lengths.regions,
      references: backward(found.references, shape, lengths.references), regions: backward(found.regions, shape, lengths.regions)
    };
  }

  /* A promise of the cube in a base64 text. */
  function decode(text, head, signs) {
    return inflated(bytes(text)).then(function (raw) { return unpacked(raw, head, signs); });
  }

  jsnakit.cube = {decode: decode};
})();
