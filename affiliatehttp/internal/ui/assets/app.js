// Copy and print buttons, and nothing else: the pages work without this file.
(function () {
  'use strict';
  var live = document.getElementById('live');
  function say(text) { if (live) { live.textContent = ''; setTimeout(function () { live.textContent = text; }, 50); } }
  function copied(button) {
    var label = button.querySelector('span');
    var before = label.textContent;
    if (button.dataset.busy) { return; }
    button.dataset.busy = '1';
    label.textContent = 'Copied';
    say('Copied to the clipboard');
    setTimeout(function () { label.textContent = before; delete button.dataset.busy; }, 1600);
  }
  document.querySelectorAll('[data-copy]').forEach(function (button) {
    if (!navigator.clipboard) { return; }
    button.hidden = false;
    button.addEventListener('click', function () {
      navigator.clipboard.writeText(button.dataset.copy).then(function () { copied(button); }, function () {
        var field = button.parentNode.querySelector('input');
        if (field) { field.select(); }
        say('Press Control and C to copy');
      });
    });
  });
  document.querySelectorAll('[data-print]').forEach(function (button) {
    button.hidden = false;
    button.addEventListener('click', function () { window.print(); });
  });
  var current = document.querySelector('.nav [aria-current]');
  var strip = document.querySelector('.nav ul');
  if (current && strip && strip.scrollWidth > strip.clientWidth) {
    strip.scrollLeft = current.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
  }
})();
