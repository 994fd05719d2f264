import type { Reply, Snapshot } from '../protocol';
import type { IDisposable, ITransport, Link, RequestBody } from './transport';

/**
 * A view's share in a transport, which lives on when the view is disposed of.
 */
export class SharedTransport implements ITransport {
  constructor(transport: ITransport) {
    this._transport = transport;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get view(): string {
    return this._transport.view;
  }

  get link(): Link {
    return this._transport.link;
  }

  get because(): string {
    return this._transport.because;
  }

  get snapshot(): Snapshot | null {
    return this._transport.snapshot;
  }

  dispose(): void {
    this._isDisposed = true;
  }

  listen(listener: ITransport.IListener): IDisposable {
    return this._transport.listen(listener);
  }

  request(body: RequestBody): Promise<Reply> {
    return this._transport.request(body);
  }

  private readonly _transport: ITransport;
  private _isDisposed = false;
}
