/** What a run counts of its morsels, for its figures. */
import type { MorselDone } from '../morsel/morsel.ts';
import type { Morsel } from './feed.ts';

/** The figures of one run that grow with its morsels; names as in `RunStats`. */
export class Figures {
  messagesIn = 0;
  bytesIn = 0;
  morsels = 0;
  rejects = 0;
  offsetResets = 0;
  functionErrors = 0;

  /** A morsel came out, or what is before its end did. */
  take({ load, ownBytes }: Morsel, { rowsIn, failure, functionErrors = 0 }: MorselDone): void {
    this.morsels += 1;
    this.messagesIn += rowsIn;
    this.bytesIn += ownBytes ?? load.inputBytes;
    this.rejects += failure?.rejects ?? 0;
    this.functionErrors += functionErrors;
  }
}
