/** Requests in order: one under way, the newest waiting, and no stale answer ever shown. */

export class Lane<Q, A> {
  private asked = 0;
  private shown = 0;
  private busy = false;
  private waiting: Q | undefined;

  /**
   * @param send asks the server
   * @param show receives an answer that is newer than all before, with its question
   * @param refuse receives why the newest question was not answered
   */
  constructor(
    private readonly send: (question: Q, sequence: number) => Promise<A>,
    private readonly show: (answer: A, question: Q) => void,
    private readonly refuse: (error: unknown) => void,
  ) {}

  /** Ask; while an answer is under way, only the newest question waits. */
  ask(question: Q): void {
    this.waiting = question;
    if (!this.busy) void this.next();
  }

  private async next(): Promise<void> {
    this.busy = true;
    while (this.waiting !== undefined) {
      const question = this.waiting;
      const sequence = ++this.asked;
      this.waiting = undefined;
      try {
        const answer = await this.send(question, sequence);
        if (sequence > this.shown) {
          this.shown = sequence;
          this.show(answer, question);
        }
      } catch (error) {
        if (this.waiting === undefined) this.refuse(error);
      }
    }
    this.busy = false;
  }
}
