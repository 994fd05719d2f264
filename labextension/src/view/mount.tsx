import { render } from 'preact';
import type { Session } from '../protocol';
import {
  type IDisposable,
  type ITransport,
  uniqueName
} from '../transport/transport';
import { App } from './components/app';
import { StringsProvider } from './components/context';
import { Store } from './model/store';
import { english, type ITranslator, stringsOf } from './strings';
import { watchVisibility } from './visibility';

/**
 * Options of `mount`.
 */
export interface IMountOptions extends Store.IOptions {
  /** What translates the texts; they are English without it. */
  readonly translator?: ITranslator;
  /** Whether the view takes all the room that its element has. */
  readonly fill?: boolean;
  /** What the filter begins with. */
  readonly filter?: string;
}

/**
 * A view that is on the page, for its host.
 */
export interface IView extends IDisposable {
  /** The session that is shown. */
  readonly session: Session | null;
  /** Shows the session of another graph. */
  show(graph: number): void;
  /** Does what the user asked for elsewhere, with the view's own questions. */
  act(label: string, request: Store.Change): void;
  /** Takes new choices; a filter that the user has typed stays. */
  choose(choices: IChoices): void;
}

/**
 * What the user may choose for every view, also while it is shown.
 */
export type IChoices = Required<Pick<IMountOptions, 'filter' | 'interval'>>;

/**
 * Shows the variables of a kernel in an element.
 *
 * #### Notes
 * The view is the owner of the transport, and disposes of it. The style sheet is
 * the host's affair.
 */
export function mount(
  element: HTMLElement,
  transport: ITransport,
  options: IMountOptions = {}
): IView {
  const { translator = english, fill = false, filter = '', ...rest } = options;
  const root = document.createElement('div');
  root.className = fill ? 'jp-tfsession jp-mod-fill' : 'jp-tfsession';
  root.addEventListener('focusin', keepKeys);
  element.append(root);
  const store = new Store(transport, rest);
  const visibility = watchVisibility(root, visible => {
    store.hide(!visible);
  });
  const strings = stringsOf(translator);
  const id = `jp-tfsession-${uniqueName()}`;
  const draw = (standard: string) => {
    render(
      <StringsProvider value={strings}>
        <App store={store} id={id} filter={standard} />
      </StringsProvider>,
      root
    );
  };
  draw(filter);
  return {
    get isDisposed() {
      return store.isDisposed;
    },
    get session() {
      return store.session;
    },
    show(graph) {
      store.wish({ graph });
    },
    act(label, request) {
      store.act(label, request);
    },
    choose(choices) {
      store.wish({ interval: choices.interval });
      draw(choices.filter);
    },
    dispose() {
      visibility.dispose();
      render(null, root);
      store.dispose();
      root.remove();
    }
  };
}

/**
 * Keeps the keys that are pressed here from JupyterLab, which would take Enter, the
 * arrows and letters for commands to the notebook's cells: `d d` deletes one.
 *
 * #### Notes
 * JupyterLab looks for the attribute only after it has looked at the focused
 * element, so an element around it would not do.
 */
function keepKeys(event: FocusEvent): void {
  if (event.target instanceof HTMLElement) {
    event.target.dataset.lmSuppressShortcuts = 'true';
  }
}
