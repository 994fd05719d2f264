import type {
  Difference,
  Reply,
  RestorePlan,
  SnapshotList,
  StoredSnapshot
} from '../../protocol';
import {
  type ITransport,
  NotConnectedError,
  type RequestBody
} from '../../transport/transport';

/**
 * What was asked about one snapshot; `answer` is `null` until the kernel has told.
 */
export interface IAsked<T> {
  readonly graph: number;
  readonly snapshot: StoredSnapshot;
  readonly answer: T | null;
}

/**
 * What the view knows of the snapshots on the disk.
 *
 * #### Notes
 * Nothing is asked before the user wants to see it. Of two questions of one kind
 * only the later one's answer counts.
 */
export class Snapshots {
  constructor(transport: ITransport, onChange: () => void) {
    this._transport = transport;
    this._onChange = onChange;
  }

  /** Which there are, as last told. */
  list: SnapshotList | null = null;

  /** The comparison that the user asked for. */
  compared: IAsked<Difference> | null = null;

  /** The restore that the user has to decide on. */
  planned: IAsked<RestorePlan> | null = null;

  /** Why the last question has no answer; empty where it has. */
  problem = '';

  /** Whether they are shown. */
  get isOpen(): boolean {
    return this._isOpen;
  }

  /**
   * Shows or hides them.
   */
  show(open: boolean): void {
    this._isOpen = open;
    this.problem = '';
    this.compared = null;
    this.refresh();
    this._onChange();
  }

  /**
   * Asks which there are, if they are shown.
   */
  refresh(): void {
    if (this._isOpen) {
      void this._ask({ type: 'snapshots' }, reply => {
        if (reply.type === 'ok' && reply.result?.type === 'snapshots') {
          this.list = reply.result;
        }
      });
    }
  }

  /**
   * Asks how far variables moved since a snapshot.
   */
  compare(graph: number, snapshot: StoredSnapshot): void {
    this.compared = { graph, snapshot, answer: null };
    const body = { type: 'diff', graph, snapshot: snapshot.id } as const;
    void this._ask(body, reply => {
      const found = reply.type === 'ok' ? reply.result : null;
      this.compared =
        found?.type === 'diff' ? { graph, snapshot, answer: found } : null;
    });
    this._onChange();
  }

  /**
   * Asks what restoring a snapshot would do.
   */
  plan(graph: number, snapshot: StoredSnapshot, similar = false): void {
    const before = this.planned;
    // While another variant is worked out, the one before stays on the page.
    const answer = before?.snapshot.id === snapshot.id ? before.answer : null;
    this.planned = { graph, snapshot, answer };
    const { id } = snapshot;
    void this._ask({ type: 'plan', graph, snapshot: id, similar }, reply => {
      const found = reply.type === 'ok' ? reply.result : null;
      this.planned =
        found?.type === 'plan' ? { graph, snapshot, answer: found } : null;
    });
    this._onChange();
  }

  /**
   * Forgets what was asked: the user has decided, or does not want to know.
   */
  forget(what: 'compared' | 'planned'): void {
    this[what] = null;
    this._latest.delete(what === 'compared' ? 'diff' : 'plan');
    this._onChange();
  }

  private async _ask(
    body: RequestBody,
    onReply: (reply: Reply) => void
  ): Promise<void> {
    this._latest.set(body.type, body);
    try {
      const reply = await this._transport.request(body);
      if (this._latest.get(body.type) !== body) {
        return;
      }
      this.problem = reply.type === 'refused' ? reply.message : '';
      onReply(reply);
    } catch (error) {
      if (!(error instanceof NotConnectedError)) {
        throw error;
      }
      this.compared = null;
      this.planned = null;
    }
    this._onChange();
  }

  private readonly _transport: ITransport;
  private readonly _onChange: () => void;
  private readonly _latest = new Map<string, RequestBody>();
  private _isOpen = false;
}
