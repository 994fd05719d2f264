import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { MessageLoop } from '@lumino/messaging';
import { Panel, type Widget } from '@lumino/widgets';

const WIDGET = 'application/vnd.jupyter.widget-view+json';
const TABLE = 'text/html';

/**
 * How long a widget may take to appear before the table stands in for it: the
 * table is not to flash up whenever the widget is displayed.
 */
const PATIENCE = 500;

/**
 * Shows a widget where it is there, and the table that was saved with it elsewhere.
 */
export class WatchRenderer extends Panel implements IRenderMime.IRenderer {
  /**
   * @param rendermime - What renders the widget and the table.
   * @param ready - When it can render widgets: it knows the kernel's.
   */
  constructor(rendermime: IRenderMimeRegistry, ready: Promise<unknown>) {
    super();
    this._rendermime = rendermime;
    this._ready = ready;
  }

  override dispose(): void {
    clearTimeout(this._waiting);
    super.dispose();
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    clearTimeout(this._waiting);
    for (const widget of [...this.widgets]) {
      widget.dispose();
    }
    const table = this._create(TABLE, model);
    this._waiting = setTimeout(() => {
      table?.show();
    }, PATIENCE);
    await table?.renderModel(model);
    await this._ready;
    if (this.isDisposed || table?.isDisposed) {
      return;
    }
    const live = this._create(WIDGET, model);
    if (live !== null) {
      this._watch(live, table);
      await live.renderModel(model);
    }
  }

  /**
   * Shows the one or the other.
   *
   * #### Notes
   * The renderer of widgets has the widget as its child as long as there is one,
   * and a message in its place otherwise. It tells nobody.
   */
  private _watch(live: Widget, table: Widget | null): void {
    MessageLoop.installMessageHook(live, (_, { type }) => {
      if (type === 'child-added' || type === 'child-removed') {
        clearTimeout(this._waiting);
        live.setHidden(type === 'child-removed');
        table?.setHidden(type === 'child-added');
      }
      return true;
    });
  }

  private _create(
    mimeType: string,
    model: IRenderMime.IMimeModel
  ): IRenderMime.IRenderer | null {
    if (
      model.data[mimeType] === undefined ||
      this._rendermime.getFactory(mimeType) === undefined
    ) {
      return null;
    }
    const renderer = this._rendermime.createRenderer(mimeType);
    renderer.hide();
    this.addWidget(renderer);
    return renderer;
  }

  private readonly _rendermime: IRenderMimeRegistry;
  private readonly _ready: Promise<unknown>;
  private _waiting: ReturnType<typeof setTimeout> | undefined;
}
