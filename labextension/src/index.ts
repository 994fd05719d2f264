import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

/**
 * The JupyterLab side of jupyter_tfsession.
 *
 * #### Notes
 * It adds nothing to the page yet: the sidebar that shows a kernel's sessions
 * and variables will be added to the shell here. Until then the plugin only
 * proves that the prebuilt extension is installed and loads.
 */
const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tfsession:plugin',
  description:
    'Shows the TensorFlow sessions of a notebook and their variables.',
  autoStart: true,
  activate: () => {
    // Nothing to add yet, see above.
  }
};

export default plugin;
