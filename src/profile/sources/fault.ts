/**
 * A source that can't answer (`down`), or did with something that is no answer (`garbage`). Its message is stored with
 * decisions: it says what happened, never what was in the answer.
 */
export class SourceFault extends Error {
  override readonly name = 'SourceFault';
  readonly state: 'down' | 'garbage';
  /** Whether asking once more at once may help. */
  readonly again: boolean;

  constructor(state: 'down' | 'garbage', message: string, again = false) {
    super(message);
    this.state = state;
    this.again = again;
  }
}
