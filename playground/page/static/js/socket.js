// The one connection to the server: questions with answers, and pushes. It comes back by itself.

const PAUSES = [300, 700, 1500, 3000, 5000, 10000];
const PATIENCE = 20000;

export class Connection {
  /**
   * `onOpen()` is awaited after each connect: it enters. `onPush(push)` takes what the server says by itself.
   * `onState({state, until})` hears "connecting", "open" and "lost", the last with the time of the next try.
   */
  constructor({ onOpen, onPush, onState }) {
    this.onOpen = onOpen;
    this.onPush = onPush;
    this.onState = onState;
    this.number = 0;
    this.tries = 0;
    this.waiting = new Map();
    this.socket = null;
    this.timer = null;
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => !document.hidden && this.retry());
  }

  open() {
    clearTimeout(this.timer);
    this.timer = null;
    this.onState({ state: "connecting" });
    const address = new URL("/page/socket", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.addEventListener("open", () => this.#opened(socket));
    socket.addEventListener("message", (event) => socket === this.socket && this.#heard(JSON.parse(event.data)));
    socket.addEventListener("close", () => this.#closed(socket));
  }

  /** Try now, if there is nothing to wait for. */
  retry() {
    if (this.timer !== null) this.open();
  }

  /** Ask for something; the answer's result. Throws an Error whose message is a sentence for people. */
  ask(verb, body = {}) {
    if (this.socket?.readyState !== WebSocket.OPEN) {
      return Promise.reject(new Error("The connection is lost; try again when it is back."));
    }
    this.number += 1;
    const id = this.number;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id, { ok: false, error: "The server gave no answer." }), PATIENCE);
      this.waiting.set(id, { resolve, reject, timer });
      this.socket.send(JSON.stringify({ id, do: verb, ...body }));
    });
  }

  async #opened(socket) {
    try {
      await this.onOpen();
      if (socket !== this.socket) return;
      this.tries = 0;
      this.onState({ state: "open" });
    } catch {
      socket.close();
    }
  }

  #heard(frame) {
    if ("re" in frame) this.#settle(frame.re, frame);
    else if ("push" in frame) this.onPush(frame);
  }

  #settle(id, { ok, result, error }) {
    const question = this.waiting.get(id);
    if (question === undefined) return;
    this.waiting.delete(id);
    clearTimeout(question.timer);
    if (ok) question.resolve(result);
    else question.reject(new Error(error));
  }

  #closed(socket) {
    if (socket !== this.socket) return;
    for (const id of [...this.waiting.keys()]) {
      this.#settle(id, { ok: false, error: "The connection was lost; try again when it is back." });
    }
    const pause = PAUSES[Math.min(this.tries, PAUSES.length - 1)] * (0.8 + Math.random() * 0.4);
    this.tries += 1;
    this.timer = setTimeout(() => this.open(), pause);
    this.onState({ state: "lost", until: Date.now() + pause });
  }
}
