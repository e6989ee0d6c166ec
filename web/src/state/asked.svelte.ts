/** An answer of the server that a page waits for; the newest question wins. */
import { Refusal } from "../api/server";

export class Asked<T> {
  value = $state.raw<T | null>(null);
  refusal = $state("");
  busy = $state(false);
  private count = 0;

  /** Ask; what was answered before stays on the screen meanwhile. */
  async load(ask: () => Promise<T>): Promise<void> {
    const mine = ++this.count;
    this.busy = true;
    try {
      const found = await ask();
      if (mine !== this.count) return;
      this.value = found;
      this.refusal = "";
    } catch (error) {
      if (mine !== this.count) return;
      this.refusal = error instanceof Refusal ? error.problem.detail : String(error);
    } finally {
      if (mine === this.count) this.busy = false;
    }
  }
}
