import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Menu } from '@lumino/widgets';
import { CommandIDs } from '../commands';
import { sessionsIcon } from '../icon';
import { SessionsPanel } from '../panel/panel';
import { ISessions, ISessionsPanel } from '../tokens';

/**
 * Adds the sidebar.
 */
export const panelPlugin: JupyterFrontEndPlugin<ISessionsPanel> = {
  id: 'jupyter-tfsession:panel',
  description: 'Shows the TensorFlow sessions of the current notebook.',
  autoStart: true,
  provides: ISessionsPanel,
  requires: [ISessions],
  optional: [ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    sessions: ISessions,
    restorer: ILayoutRestorer | null
  ): ISessionsPanel => {
    const { tracker, settings, stale, strings, trans } = sessions;
    const menu = menuOf(app);
    const panel = new SessionsPanel({
      tracker,
      settings,
      stale,
      strings,
      translator: trans,
      onMenu: button => {
        const { left, bottom } = button.getBoundingClientRect();
        menu.open(left, bottom);
        const giveFocusBack = () => {
          menu.aboutToClose.disconnect(giveFocusBack);
          button.focus();
        };
        menu.aboutToClose.connect(giveFocusBack);
      }
    });
    panel.title.icon = sessionsIcon;
    app.shell.add(panel, 'right', { rank: 700, type: 'TensorFlow' });
    restorer?.add(panel, panel.id);
    return panel;
  }
};

function menuOf({ commands }: JupyterFrontEnd): Menu {
  const menu = new Menu({ commands });
  const { init, reset, undo, redo, close, load, rerunStale } = CommandIDs;
  const groups = [
    [load, rerunStale],
    [init, reset, undo, redo],
    [
      CommandIDs.guard('keep'),
      CommandIDs.guard('error'),
      CommandIDs.guard('off')
    ],
    [close]
  ];
  groups.forEach((group, index) => {
    if (index > 0) {
      menu.addItem({ type: 'separator' });
    }
    for (const command of group) {
      menu.addItem({ command });
    }
  });
  return menu;
}
