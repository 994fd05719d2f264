import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Widget } from '@lumino/widgets';
import { WatchRenderer } from './renderer';

/**
 * What the kernel puts beside the widget and the table into an output.
 */
const WATCH = 'application/vnd.jupyter-tfsession.watch+json';

/**
 * The renderer of widgets has -10, and the lower one is chosen.
 */
const RANK = -20;

/**
 * What is used here of a notebook's panel.
 */
interface INotebookPanel extends Widget {
  readonly content: { readonly rendermime: IRenderMimeRegistry };
}

/**
 * Shows the table that is saved in a notebook where the live one is not there.
 *
 * #### Notes
 * The renderer of widgets would say "model not found" instead. Each notebook has
 * renderers of its own, since its widgets belong to its kernel.
 */
const saved: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tfsession:saved',
  description: 'Shows what a table of variables held when it was saved.',
  autoStart: true,
  activate: ({ docRegistry }: JupyterFrontEnd) => {
    docRegistry.addWidgetExtension('Notebook', {
      createNew: (panel, { sessionContext }) => {
        const { rendermime } = (panel as INotebookPanel).content;
        // Widgets wait for the same; they are to have their turn first.
        const ready = sessionContext.ready.then(
          () => new Promise(resolve => setTimeout(resolve))
        );
        const createRenderer = () => new WatchRenderer(rendermime, ready);
        // Not safe: in a notebook that is not trusted the table is taken.
        rendermime.addFactory(
          { safe: false, mimeTypes: [WATCH], createRenderer },
          RANK
        );
      }
    });
  }
};

export default saved;
