// The audio player of the page. Names and times come as data and are shown with textContent.

const SKIP_S = 10;
const PLAY = /^st-key-play-.*-(\d+)$/; // the class of a button that plays from so many milliseconds
const LINK = /^#play-(\d+)$/; // and the target of a link that does
const TYPED_IN = "textarea, select, [contenteditable], [role=grid], [role=slider], [role=combobox], [role=listbox], canvas";
const PRESSED = "button, a, summary, input, [role=button], [role=radio], [role=tab]";
const NO_TYPING = ["checkbox", "radio", "button", "file"];

const players = new WeakMap();

export default function (component) {
  const root = component.parentElement;
  if (!players.has(root)) players.set(root, start(root));
  return players.get(root)(component);
}

function clock(seconds) {
  const [hour, minute, second] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  const two = (number) => String(number).padStart(2, "0");
  return hour ? `${hour}:${two(minute)}:${two(second)}` : `${minute}:${two(second)}`;
}

function isTypedIn(element) {
  if (element.tagName === "INPUT") return !NO_TYPING.includes(element.type);
  return element.isContentEditable || element.closest(TYPED_IN) !== null;
}

function millisecondsOf(target) {
  for (let each = target; each && each.classList; each = each.parentElement) {
    const link = each.tagName === "A" && LINK.exec(each.getAttribute("href") ?? "");
    if (link) return Number(link[1]);
    for (const name of each.classList) {
      const button = PLAY.exec(name);
      if (button) return each.querySelector("button")?.contains(target) ? Number(button[1]) : null;
    }
  }
  return null;
}

function start(root) {
  const audio = root.querySelector("audio");
  const follow = root.querySelector("input");
  const status = root.querySelector("[role=status]");
  let data = {};
  let tell = () => {};
  let now = -1; // index of the segment that is heard
  let told = -1; // the one that the page was told of, or was asked to show by a press
  let marked = null;
  let byKeyboard = false; // what has the focus got it by the keyboard

  const say = (words) => {
    status.textContent = words;
    status.hidden = !words;
  };
  const heard = () => (audio.currentTime - data.offset) * 1000;

  function indexAt(milliseconds) {
    let [low, high] = [0, data.starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (data.starts[middle] <= milliseconds) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  function mark(element) {
    if (marked === element && (!element || element.isConnected)) return;
    if (marked) {
      marked.style.boxShadow = "";
      marked.removeAttribute("aria-current");
    }
    marked = element;
    if (!element) return;
    const colour = getComputedStyle(audio).getPropertyValue("--st-primary-color");
    element.style.boxShadow = `-0.25rem 0 0 ${colour}`;
    element.setAttribute("aria-current", "time");
  }

  function look() {
    if (!audio.played.length && !audio.currentTime) return; // not begun
    now = indexAt(heard());
    mark(document.querySelector(`.st-key-segment-${now}`));
    if (now < 0 || now === told || audio.seeking || !follow.checked) return;
    told = now;
    tell("at", now);
  }

  function play() {
    say("");
    audio.play().catch((error) => {
      if (error.name === "NotAllowedError") say("The browser waits for a press on the player's own button.");
    });
  }

  function playFrom(milliseconds) {
    const at = Math.max(0, milliseconds / 1000 + data.offset);
    if (at >= audio.duration) {
      say(`The audio ends at ${clock(audio.duration)}, before this. Check the offset in the menu Audio.`);
      return;
    }
    told = indexAt(milliseconds); // the press itself shows it
    audio.currentTime = at;
    play();
  }

  async function explain() {
    const at = audio.currentTime;
    const broken = audio.error?.code === MediaError.MEDIA_ERR_NETWORK;
    try {
      const answer = await fetch(data.src, { headers: { Range: "bytes=0-0" } });
      if (!answer.ok) say(await answer.text());
      else if (broken) {
        audio.load();
        audio.currentTime = at;
        say("The connection broke. Press play to go on.");
      } else say(`This browser cannot play ${data.name}. Export it as MP3 and name that in the menu Audio.`);
    } catch {
      say("The audio cannot be reached. Is SonicLayer still running?");
    }
  }

  function press(event) {
    byKeyboard ||= event.key === "Tab";
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || isTypedIn(target)) return;
    if (event.key === " " && !event.shiftKey) {
      if (byKeyboard && target.closest(PRESSED)) return; // it is that button's
      event.preventDefault();
      if (event.repeat) return;
      if (audio.paused) play();
      else audio.pause();
    } else if (event.shiftKey && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
      event.preventDefault();
      const by = event.key === "ArrowLeft" ? -SKIP_S : SKIP_S;
      audio.currentTime = Math.max(0, Math.min(audio.currentTime + by, audio.duration || Infinity));
    }
  }

  function release(event) {
    // Firefox presses a button when the space bar is let go.
    if (event.key === " " && !byKeyboard && event.composedPath()[0].closest?.("button")) event.preventDefault();
  }

  function click(event) {
    const target = event.composedPath()[0];
    if (target.closest?.(".st-key-in-step button")) tell("step", audio.currentTime);
    const milliseconds = millisecondsOf(target);
    if (milliseconds === null) return;
    if (target.closest("a")) event.preventDefault();
    playFrom(milliseconds);
  }

  const pointed = () => (byKeyboard = false);
  document.addEventListener("keydown", press, true);
  document.addEventListener("keyup", release, true);
  document.addEventListener("click", click, true);
  document.addEventListener("pointerdown", pointed, true);
  audio.addEventListener("timeupdate", look);
  audio.addEventListener("error", explain);
  follow.addEventListener("change", () => {
    told = -1;
    look();
  });

  function stop() {
    document.removeEventListener("keydown", press, true);
    document.removeEventListener("keyup", release, true);
    document.removeEventListener("click", click, true);
    document.removeEventListener("pointerdown", pointed, true);
    mark(null);
    audio.removeAttribute("src");
    audio.load();
    players.delete(root);
  }

  return (component) => {
    tell = component.setTriggerValue;
    const other = component.data.src !== data.src;
    data = component.data;
    if (other) {
      [now, told] = [-1, -1];
      mark(null);
      say("");
      audio.src = data.src;
      audio.setAttribute("aria-label", data.name);
      root.querySelector(".name").textContent = data.name;
    }
    look();
    return stop;
  };
}
