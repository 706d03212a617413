// The page that clients frame: OpenID Connect Session Management 1.0, section 3.2. Sets no cookie and knows no secret.
"use strict";

(function () {
    var readState = function () {
        var match = document.cookie.match(/(?:^|; )(?:__Host-)?martlet-state=([^;]*)/);
        return match ? match[1] : "";
    };

    // Where the browser keeps the cookie from frames, nothing can be said: "changed" would send the client round in circles.
    var seesCookies = function () {
        return document.hasStorageAccess ? document.hasStorageAccess() : Promise.resolve(true);
    };

    var digest = function (text) {
        return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)).then(function (buffer) {
            var raw = Array.from(new Uint8Array(buffer), function (byte) { return String.fromCharCode(byte); }).join("");
            return btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
        });
    };

    window.addEventListener("message", function (event) {
        // Not from a page that could be answered alone.
        if (!event.source || !event.origin || event.origin === "null") { return; }
        var answer = function (word) { event.source.postMessage(word, event.origin); };
        var parts = typeof event.data === "string" ? /^([^ ]+) ([^ .]+)\.([^ .]+)$/.exec(event.data) : null;
        if (!parts || !window.crypto || !crypto.subtle) { answer("error"); return; }
        var state = readState();
        // The origin is the browser's word on who asks, not the asker's.
        digest([parts[1], event.origin, state, parts[3]].join(" ")).then(function (own) {
            if (own === parts[2]) { return "unchanged"; }
            if (state) { return "changed"; }
            return seesCookies().then(function (sees) { return sees ? "changed" : "error"; });
        }).then(answer, function () { answer("error"); });
    });
})();
