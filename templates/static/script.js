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

    // form_post: on to the client at once. Who comes back to this page with the Back button stays here: sending a
    // spent code a second time would revoke what it issued.
    var form = document.querySelector("form[data-auto-submit]");
    var visit = window.performance && performance.getEntriesByType && performance.getEntriesByType("navigation")[0];
    if (form && !(visit && visit.type === "back_forward")) {
        // Not form.submit(): a field may bear that name.
        HTMLFormElement.prototype.submit.call(form);
    }
})();
