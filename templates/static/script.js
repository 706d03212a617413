// Every page works without this file; it only adds.
"use strict";

(function () {
    // Show password: the button exists only where script runs, and never leaves a readable password behind.
    var toggle = document.getElementById("show-password");
    var password = document.getElementById("password");
    if (toggle && password) {
        var showLabel = toggle.getAttribute("aria-label");
        var setShown = function (shown) {
            password.type = shown ? "text" : "password";
            toggle.textContent = shown ? toggle.dataset.hide : toggle.dataset.show;
            toggle.setAttribute("aria-label", shown ? toggle.dataset.hideLabel : showLabel);
        };
        toggle.hidden = false;
        toggle.addEventListener("click", function () { setShown(password.type === "password"); });
        password.form.addEventListener("submit", function () { setShown(false); });
    }

    // On the way to another provider, which may take a moment; whoever comes back finds the button as it was.
    document.querySelectorAll("a[data-leaving]").forEach(function (link) {
        var label = link.lastElementChild, words = label.textContent;
        link.addEventListener("click", function (event) {
            if (event.ctrlKey || event.metaKey || event.shiftKey) { return; }
            if (link.hasAttribute("aria-busy")) { event.preventDefault(); return; }
            link.setAttribute("aria-busy", "true");
            label.textContent = link.dataset.leaving;
        });
        window.addEventListener("pageshow", function () {
            link.removeAttribute("aria-busy");
            label.textContent = words;
        });
    });

    // Counts down to the next attempt; screen readers are told once, at the end.
    var wait = document.getElementById("wait");
    if (wait) {
        var end = Date.now() + 1000 * wait.dataset.seconds;
        var sentence = wait.parentNode;
        sentence.setAttribute("aria-live", "off");
        var timer = setInterval(function () {
            var left = Math.ceil((end - Date.now()) / 1000);
            if (left > 0) {
                wait.textContent = Math.floor(left / 60) + ":" + ("0" + left % 60).slice(-2);
            } else {
                clearInterval(timer);
                sentence.setAttribute("aria-live", "polite");
                sentence.textContent = wait.dataset.done;
            }
        }, 1000);
    }

    // SHA-256 of up to 55 ASCII characters: one block. Digests of the browser's own take a promise each, far longer.
    var sha256Start = [], sha256Keys = [];
    (function () {
        var isPrime = function (number) {
            for (var factor = 2; factor * factor <= number; factor++) { if (number % factor === 0) { return false; } }
            return true;
        };
        var fraction = function (number) { return (number - Math.floor(number)) * 4294967296 | 0; };
        for (var number = 2; sha256Keys.length < 64; number++) {
            if (!isPrime(number)) { continue; }
            if (sha256Start.length < 8) { sha256Start.push(fraction(Math.sqrt(number))); }
            sha256Keys.push(fraction(Math.cbrt(number)));
        }
    })();
    var words = new Int32Array(64);
    // The first 32 bits of the digest: no puzzle asks for more zeros.
    var sha256 = function (text) {
        words.fill(0, 0, 16);
        for (var at = 0; at < text.length; at++) { words[at >> 2] |= text.charCodeAt(at) << (24 - 8 * (at & 3)); }
        words[at >> 2] |= 0x80 << (24 - 8 * (at & 3));
        words[15] = 8 * text.length;
        for (var i = 16; i < 64; i++) {
            var x = words[i - 15], y = words[i - 2];
            var s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
            var s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
            words[i] = words[i - 16] + s0 + words[i - 7] + s1 | 0;
        }
        var a = sha256Start[0], b = sha256Start[1], c = sha256Start[2], d = sha256Start[3];
        var e = sha256Start[4], f = sha256Start[5], g = sha256Start[6], h = sha256Start[7];
        for (var r = 0; r < 64; r++) {
            var sum1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
            var t1 = h + sum1 + (e & f ^ ~e & g) + sha256Keys[r] + words[r] | 0;
            var sum0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
            var t2 = sum0 + (a & b ^ a & c ^ b & c) | 0;
            h = g; g = f; f = e; e = d + t1 | 0; d = c; c = b; b = a; a = t1 + t2 | 0;
        }
        return a + sha256Start[0] | 0;
    };

    // The puzzle of a page that wants to know whether a robot is at work: solved in small pieces, so that the page stays
    // at hand. A form that is sent before the end goes when it is reached.
    var challenge = document.getElementById("challenge");
    if (challenge && challenge.dataset.text) {
        var working = document.getElementById("challenge-working");
        var solution = challenge.querySelector("[name=challenge-solution]");
        var puzzle = challenge.dataset, found = [], trial = 0, waiting = null;
        var guarded = solution.form;
        var work = function () {
            var pause = Date.now() + 12;
            while (found.length < +puzzle.rounds) {
                for (var step = 0; step < 64; step++, trial++) {
                    if (sha256(puzzle.text + "." + found.length + "." + trial) >>> (32 - puzzle.bits) === 0) {
                        found.push(trial);
                        trial = -1;
                        if (found.length === +puzzle.rounds) { break; }
                    }
                }
                if (Date.now() >= pause) { setTimeout(work, 4); return; }
            }
            solution.value = found.join(".");
            working.textContent = working.dataset.done;
            if (waiting) { guarded.requestSubmit(waiting.button); }
        };
        guarded.addEventListener("submit", function (event) {
            // Who only changes the account sends no password.
            if (solution.value || (event.submitter && event.submitter.formNoValidate)) { return; }
            event.preventDefault();
            waiting = { button: event.submitter };
        });
        working.hidden = false;
        setTimeout(work, 50);
    }

    // How good a new password is, while it is typed: the server says it, as it will when the form is sent.
    var advice = document.getElementById("password-advice");
    if (advice && password && window.fetch && window.URLSearchParams) {
        var score = document.getElementById("password-score");
        var asked = 0, asking = null;
        var show = function (messages, value) {
            advice.querySelectorAll("[data-message]").forEach(function (text) {
                text.hidden = messages.indexOf(text.dataset.message) < 0;
            });
            score.hidden = value === null;
            score.value = value || 0;
        };
        var ask = function () {
            var number = ++asked;
            if (!password.value) { show([], null); return; }
            var question = new URLSearchParams({ csrf: advice.dataset.token, password: password.value });
            // Where the address is known already, it stands there for password managers.
            [["name", "name"], ["username", "email"], ["email", "email"]].forEach(function (pair) {
                var input = password.form.elements[pair[0]];
                if (input && input.value) { question.set(pair[1], input.value); }
            });
            if ("secondFactor" in advice.dataset) { question.set("second_factor", "yes"); }
            fetch(advice.dataset.address, { method: "POST", body: question, redirect: "error" }).then(function (answer) {
                return answer.ok ? answer.json() : null;
            }).then(function (verdict) {
                // An answer to what has changed meanwhile says nothing.
                if (!verdict || number !== asked) { return; }
                show(verdict.acceptable ? verdict.messages.concat("good") : verdict.messages, verdict.score);
            }).catch(function () { show([], null); });
        };
        password.addEventListener("input", function () {
            clearTimeout(asking);
            asking = setTimeout(ask, 350);
        });
    }

    // Passkeys: the server says what is to be signed, the browser signs it, the form carries the answer there. Where the
    // browser can, the passkeys stand among what it fills in for the e-mail address.
    var passkey = document.querySelector("form[data-options]");
    if (passkey && window.PublicKeyCredential && window.fetch && window.AbortController) {
        var isNew = "create" in passkey.dataset, pending = null, mayOffer = false;
        var bytes = function (text) {
            var raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
            return Uint8Array.from(raw, function (character) { return character.charCodeAt(0); });
        };
        var coded = function (buffer) {
            var raw = Array.from(new Uint8Array(buffer), function (byte) { return String.fromCharCode(byte); }).join("");
            return btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
        };
        var listed = function (credentials) {
            return (credentials || []).map(function (one) { return Object.assign({}, one, { id: bytes(one.id) }); });
        };
        var answered = function (credential, challenge) {
            var response = { clientDataJSON: coded(credential.response.clientDataJSON) };
            ["attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (part) {
                if (credential.response[part]) { response[part] = coded(credential.response[part]); }
            });
            if (credential.response.getTransports) { response.transports = credential.response.getTransports(); }
            passkey.elements.passkey.value = JSON.stringify(
                { id: credential.id, rawId: coded(credential.rawId), type: credential.type, response: response });
            passkey.elements["passkey-challenge"].value = challenge;
            // One tick for all ways of signing in.
            var stay = document.getElementById("stay");
            if (stay && stay.checked) { passkey.elements.stay.value = "yes"; }
            HTMLFormElement.prototype.submit.call(passkey);
        };
        var begin = function (mediation) {
            if (pending) { pending.abort(); }
            var own = pending = new AbortController();
            var question = new URLSearchParams({ csrf: passkey.dataset.token, place: passkey.dataset.place || "" });
            return fetch(passkey.dataset.options, {
                method: "POST", body: question, redirect: "error", signal: own.signal
            }).then(function (answer) { return answer.json(); }).then(function (options) {
                var text = options.challenge;
                options.challenge = bytes(text);
                if (isNew) {
                    options.user.id = bytes(options.user.id);
                    options.excludeCredentials = listed(options.excludeCredentials);
                } else {
                    options.allowCredentials = listed(options.allowCredentials);
                }
                var request = { publicKey: options, signal: own.signal };
                if (mediation) { request.mediation = mediation; }
                var work = isNew ? navigator.credentials.create(request) : navigator.credentials.get(request);
                return work.then(function (credential) { answered(credential, text); });
            });
        };
        var offer = function () {
            begin("conditional").catch(function () {});
            // Before the challenge is too old.
            setTimeout(function () { if (pending && pending.isOffer) { offer(); } }, 240000);
            pending.isOffer = true;
        };
        passkey.hidden = false;
        passkey.addEventListener("submit", function (event) {
            event.preventDefault();
            var trouble = document.getElementById("passkey-trouble");
            trouble.textContent = "";
            begin().catch(function (error) {
                if (error.name === "AbortError") { return; }
                trouble.textContent = document.getElementById("passkey-trouble-text").content.textContent;
                if (mayOffer) { offer(); }
            });
        });
        // What was just refused is not offered again by itself.
        var hasField = document.querySelector("[autocomplete~=webauthn]") && !("refused" in passkey.dataset);
        if (hasField && PublicKeyCredential.isConditionalMediationAvailable) {
            PublicKeyCredential.isConditionalMediationAvailable().then(function (isThere) {
                mayOffer = isThere;
                if (mayOffer) { offer(); }
            });
        }
    }

    // What was sent is on its way: said once, and not sent twice. Nothing is disabled, so that the focus stays; who comes
    // back to the page, or stops it from loading, may send again.
    var progress = document.getElementById("progress");
    var release = function () {
        document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
        document.querySelectorAll("[data-label]").forEach(function (button) {
            button.textContent = button.dataset.label;
            button.removeAttribute("data-label");
        });
        document.querySelectorAll("button[aria-disabled]").forEach(function (button) {
            button.removeAttribute("aria-disabled");
        });
        if (progress) { progress.textContent = ""; }
    };
    document.addEventListener("submit", function (event) {
        var sent = event.target, button = event.submitter;
        if (event.defaultPrevented || !progress || "stays" in sent.dataset) { return; }
        if (sent.dataset.sent) { event.preventDefault(); return; }
        sent.dataset.sent = "yes";
        setTimeout(release, 20000);
        progress.textContent = progress.dataset.text;
        if (!button) { return; }
        button.setAttribute("aria-disabled", "true");
        if (!button.children.length) {
            button.dataset.label = button.textContent;
            button.textContent = progress.dataset.text;
        }
    });
    window.addEventListener("pageshow", function (event) { if (event.persisted) { release(); } });

    // A form that came back: to what is to be mended first.
    if (!document.querySelector("[autofocus]")) {
        var mistake = document.querySelector("[aria-invalid=true]");
        if (mistake) { mistake.focus(); }
    }

    // Says in time that the session is about to end; timers take no longer than 2^31 milliseconds.
    var timeOut = document.getElementById("time-out");
    if (timeOut && timeOut.dataset.after < 2000000) {
        setTimeout(function () { timeOut.hidden = false; }, 1000 * timeOut.dataset.after);
    }

    // Print buttons.
    document.querySelectorAll("[data-print]").forEach(function (button) {
        button.hidden = false;
        button.addEventListener("click", function () { window.print(); });
    });

    // Copy buttons.
    if (navigator.clipboard) {
        document.querySelectorAll("[data-copy]").forEach(function (button) {
            var source = document.getElementById(button.dataset.copy);
            var label = button.textContent;
            button.hidden = false;
            button.addEventListener("click", function () {
                navigator.clipboard.writeText(source.textContent).then(function () {
                    button.textContent = button.dataset.done;
                    setTimeout(function () { button.textContent = label; }, 2000);
                });
            });
        });
    }

    // Signed out: on to the client when the frames of all others have loaded, but without waiting for a slow one for long.
    if (document.getElementById("goes-on")) {
        var onward = function () { location.replace(document.getElementById("continue").href); };
        window.addEventListener("load", onward);
        setTimeout(onward, 4000);
    }

    // form_post: on to the client at once. Who comes back to this page with the Back button stays here: sending a
    // spent code a second time would revoke what it issued.
    var form = document.querySelector("form[data-auto-submit]");
    var visit = window.performance && performance.getEntriesByType && performance.getEntriesByType("navigation")[0];
    if (form && !(visit && visit.type === "back_forward")) {
        // Not form.submit(): a field may bear that name.
        HTMLFormElement.prototype.submit.call(form);
    }
})();
