import { plugins } from './lab/plugins';

/**
 * The JupyterLab side of jupyter_tfsession.
 */
export default plugins;
