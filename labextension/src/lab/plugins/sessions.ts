import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Settings } from '../settings';
import { StaleActions } from '../stale/actions';
import { stringsOf } from '../strings';
import { ISessions } from '../tokens';
import { Tracker } from '../tracker';

/**
 * Follows the kernels of the page; what the other plugins show.
 */
export const sessionsPlugin: JupyterFrontEndPlugin<ISessions> = {
  id: 'jupyter-tfsession:plugin',
  description: 'Follows the TensorFlow sessions of notebooks and consoles.',
  autoStart: true,
  provides: ISessions,
  optional: [INotebookTracker, IConsoleTracker, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): ISessions => {
    const languages = translator ?? nullTranslator;
    const trans = languages.load('jupyter_tfsession');
    const tracker = new Tracker();
    const settings = new Settings();
    const use = () => {
      tracker.use(app.shell.currentWidget);
    };

    app.shell.currentChanged?.connect(use);
    for (const widgets of [notebooks, consoles]) {
      widgets?.widgetAdded.connect((_, widget) => {
        tracker.add(widget, widget.sessionContext);
        use();
      });
      widgets?.forEach(widget => {
        tracker.add(widget, widget.sessionContext);
      });
    }
    use();

    // A stale cell that is moved, or comes back by undo, is another widget.
    const touch = () => {
      tracker.touch();
    };
    notebooks?.widgetAdded.connect((_, { content }) => {
      content.model?.cells.changed.connect(touch);
      content.modelChanged.connect(() => {
        content.model?.cells.changed.connect(touch);
      });
    });

    tracker.connected.connect((_, connection) => {
      connection.missed.connect(() => {
        if (settings.choices.autoLoad) {
          void connection.load();
        }
      });
    });
    settings.changed.connect(() => {
      for (const connection of tracker.connections) {
        if (settings.choices.autoLoad && connection.isMissed) {
          void connection.load();
        }
      }
    });
    registry
      ?.load(sessionsPlugin.id)
      .then(loaded => {
        settings.follow(loaded);
      })
      .catch((error: unknown) => {
        console.error(
          'The settings of jupyter-tfsession are unreadable',
          error
        );
      });

    return {
      tracker,
      settings,
      stale: new StaleActions(app.shell, tracker, languages),
      strings: stringsOf(trans),
      trans
    };
  }
};
