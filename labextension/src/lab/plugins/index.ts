import { commandsPlugin } from './commands';
import { panelPlugin } from './panel';
import { runningPlugin } from './running';
import { sessionsPlugin } from './sessions';
import { stalePlugin } from './stale';
import { statusPlugin } from './status';

export const plugins = [
  sessionsPlugin,
  panelPlugin,
  commandsPlugin,
  stalePlugin,
  runningPlugin,
  statusPlugin
];
