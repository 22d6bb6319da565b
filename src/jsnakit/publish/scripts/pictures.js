/* Pictures to save, in the colours chosen on the page: SVG as text, PNG painted on a canvas from that text. Nothing is asked of anyone: both are made here. */
(function () {
  "use strict";

  var SHARPER = 2;
  var WIDEST = 8000;
  var makers = Object.create(null);

  function tokens(wardrobe) {
    return Object.assign({}, wardrobe.palettes.rag, jsnakit.state.get("palette") === "safe" ? wardrobe.palettes.safe : null);
  }

  /* The picture of a figure as an SVG document; null where it has none. A script that redraws a figure gives its own maker by `provide`. */
  function text(key) {
    if (makers[key]) { return makers[key](); }
    return null;
  }

  function dressed(bare, outlines) {
    var wardrobe = jsnakit.read("pictures");
    var colours = tokens(wardrobe);
    var rules = wardrobe.rules.replace(/var\((--[a-z0-9-]+)\)/g, function (all, name) { return colours[name] || "currentColor"; });
    /* With its tags: text of the picture is escaped and cannot look like this. */
    return bare.replace("<style>{style}</style>", function () { return "<style>" + rules + "</style>"; }).replace(/ d="@(\d+)"/g, function (all, i) { return " d=\"" + outlines[+i] + "\""; });
  }

  /* A maker of the picture of a figure: a function that gives the bare document (`<style>{style}</style>` where the rules go). */
  function provide(key, bare) {
    makers[key] = function () { return dressed(bare(), []); };
  }

  function save(blob, name) {
    var address = URL.createObjectURL(blob);
    var link = jsnakit.make("a", {href: address, download: name});
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(address); }, 60000);
  }

  function png(svg, done) {
    var picture = new Image();
    picture.onload = function () {
      var scale = Math.min(SHARPER, WIDEST / Math.max(picture.naturalWidth, picture.naturalHeight));
      var canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.naturalWidth * scale);
      canvas.height = Math.round(picture.naturalHeight * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(done, "image/png");
    };
    picture.onerror = function () { done(null); };
    picture.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
  }

  function name(key, ending) {
    var parts = location.pathname.split("/");
    var chapter = parts[parts.length - 2] || "";
    return (/^[\w-]+$/.test(chapter) ? chapter + "-" : "") + key + "." + ending;
  }

  jsnakit.ready(function () {
    Array.prototype.forEach.call(document.querySelectorAll("a[data-picture]"), function (link) {
      var key = link.getAttribute("data-picture");
      var figure = link.closest(".jp-row");
      var bare = jsnakit.read("picture-" + key);
      if (!figure || typeof bare !== "string") { return; }
      /* As they are now: a script may redraw the figure later. */
      var outlines = Array.prototype.map.call(figure.querySelectorAll(".jp-body path[d]"), function (path) { return path.getAttribute("d"); });
      if (!makers[key]) { makers[key] = function () { return dressed(bare, outlines); }; }

      link.addEventListener("click", function (event) {
        event.preventDefault();
        save(new Blob([text(key)], {type: "image/svg+xml"}), name(key, "svg"));
      });
      var button = jsnakit.make("button", {type: "button", "class": "jp-tool"}, "Picture (PNG)");
      button.addEventListener("click", function () {
        png(text(key), function (blob) {
          if (blob) { save(blob, name(key, "png")); } else { jsnakit.say("The browser could not make a picture. The SVG file is the same one."); }
        });
      });
      link.after(button);
    });
  });
  jsnakit.pictures = {text: text, provide: provide, png: png};
})();
