import type { Event, Reply, Request, Snapshot } from '../protocol';

/**
 * What must be given back; Lumino's `IDisposable` is one.
 */
export interface IDisposable {
  readonly isDisposed: boolean;
  dispose(): void;
}

/**
 * Whether the kernel side can be reached.
 *
 * #### Notes
 * `lost` says nothing about whether it comes back: a transport may go on to
 * `connected` from any of them.
 */
export type Link = 'connecting' | 'connected' | 'lost';

/**
 * Every request without what the transport adds to it.
 */
export type RequestBody = Bare<Request>;

type Bare<R> = R extends Request ? Omit<R, 'id' | 'version'> : never;

/**
 * How one view and one kernel exchange the messages of the protocol.
 */
export interface ITransport extends IDisposable {
  /**
   * The name that the view goes by in messages.
   */
  readonly view: string;

  readonly link: Link;

  /**
   * Why the link was lost, for the user; empty where nobody knows.
   */
  readonly because: string;

  /**
   * What was known when the view was opened, or `null`.
   */
  readonly snapshot: Snapshot | null;

  /**
   * Has a listener told of events for this view and of changes of the link.
   */
  listen(listener: ITransport.IListener): IDisposable;

  /**
   * Sends a request.
   *
   * #### Notes
   * The reply may take as long as a cell runs. The promise is rejected with
   * `NotConnectedError` when the link is lost first, or is lost already.
   */
  request(body: RequestBody): Promise<Reply>;
}

export namespace ITransport {
  export interface IListener {
    onEvent(event: Event): void;
    onLink(): void;
  }
}

/**
 * Nobody is there who could answer.
 */
export class NotConnectedError extends Error {
  constructor() {
    super('not connected');
    this.name = 'NotConnectedError';
  }
}

/**
 * A name that no other view or request has.
 */
export function uniqueName(): string {
  // Not randomUUID: it is missing where the page did not come over https.
  const parts = crypto.getRandomValues(new Uint32Array(4));
  return Array.from(parts, part => part.toString(36)).join('-');
}
