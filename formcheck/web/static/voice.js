// What is heard: the browser's speech, else the computer's, else distinct tones. One thing at a time; what comes too late is dropped.

const LATE_MS = { safety: Infinity, info: Infinity, countdown: 800, setup: 8000 }, USUALLY_LATE_MS = 2500;
const TONES = { count: [[660, .12]], correction: [[440, .16], [330, .2]], praise: [[523, .1], [784, .16]], safety: [[220, .35], [220, .35], [220, .35]], info: [[587, .1]], countdown: [[587, .1]], setup: [[392, .14]] };
const RANK = { safety: 3, correction: 2, count: 1, praise: 1, info: 2, countdown: 2, setup: 1 };
const TURNS = ["info", "countdown"];  // something else comes: what was said before is of no use any more

export class Voice {
  constructor() { this.isMuted = false; this.language = "en"; this.queue = []; this.current = null; this.audio = null; this.hasServer = false; this.sound = null; }

  // Sound may begin only after a click or a key: called by the first of them.
  unlock() {
    if (!this.audio && "AudioContext" in window) this.audio = new AudioContext();
    if (this.audio && this.audio.state === "suspended") this.audio.resume().catch(() => {});
  }

  mute(isMuted) { this.isMuted = isMuted; if (isMuted) this.silence(); }

  silence() { this.queue = []; this.current = null; if (this.sound) this.sound.pause(); if (window.speechSynthesis) speechSynthesis.cancel(); }

  say(text, level) {
    if (this.isMuted) return;
    const item = { text, level, at: performance.now() };
    const isTurn = TURNS.includes(level);
    if (level === "safety" || (isTurn && this.current?.level !== "safety")) this.silence();
    this.queue = isTurn ? [] : this.queue.filter((other) => RANK[other.level] > RANK[level] || other.level === "info");
    this.queue.push(item);
    this.next();
  }

  next() {
    if (this.current) {  // a voice that never reports its end must not block the others
      if (performance.now() - this.current.at < 15000) return;
      this.current = null;
    }
    const item = this.queue.shift();
    if (!item) return;
    if (performance.now() - item.at > (LATE_MS[item.level] ?? USUALLY_LATE_MS)) return this.next();
    const voice = this.voice();
    if (!voice && this.hasServer) return this.play(item);
    if (!voice) { this.tone(item.level); return this.next(); }
    const words = new SpeechSynthesisUtterance(item.text);
    words.voice = voice; words.lang = voice.lang; words.rate = item.level === "count" ? 1.1 : 0.95;
    words.onend = words.onerror = () => { if (this.current === item) { this.current = null; this.next(); } };
    this.current = item; item.at = performance.now();
    speechSynthesis.speak(words);
  }

  // Sound that espeak-ng made; a tone where the browser does not play it.
  play(item) {
    const ended = () => { if (this.current === item) { this.current = null; this.next(); } };
    const sound = this.sound = new Audio(`/voice?text=${encodeURIComponent(item.text)}`);
    this.current = item; item.at = performance.now();
    sound.onended = ended;
    sound.onerror = () => { this.tone(item.level); ended(); };
    sound.play().catch(() => { if (this.current === item) { this.tone(item.level); ended(); } });
  }

  voice() {
    const voices = window.speechSynthesis ? speechSynthesis.getVoices() : [];
    return voices.find((v) => v.lang.toLowerCase().startsWith(this.language) && v.localService) || null;
  }

  tone(level) {
    if (!this.audio || this.audio.state !== "running") return;
    let at = this.audio.currentTime + 0.01;
    for (const [hertz, seconds] of TONES[level] || TONES.info) {
      const source = this.audio.createOscillator(), gain = this.audio.createGain();
      source.frequency.value = hertz; source.type = "sine";
      gain.gain.setValueAtTime(0, at); gain.gain.linearRampToValueAtTime(0.2, at + 0.015); gain.gain.linearRampToValueAtTime(0, at + seconds);
      source.connect(gain).connect(this.audio.destination); source.start(at); source.stop(at + seconds + 0.02);
      at += seconds + 0.05;
    }
  }
}
