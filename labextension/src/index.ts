import { plugins } from './lab/plugins';
import { saved } from './saved';

/**
 * The JupyterLab side of jupyter_tfsession.
 */
export default [...plugins, saved];
