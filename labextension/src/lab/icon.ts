import { LabIcon } from '@jupyterlab/ui-components';

/**
 * A graph of three operations, which a session keeps alive.
 */
export const sessionsIcon = new LabIcon({
  name: 'jupyter-tfsession:sessions',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M6.9 7.8 11 15.2l1.7-1L8.6 6.9zM17.1 7.8 13 15.2l-1.7-1 4.1-7.3zM8 4.5h8v2H8z"/>
    <circle cx="6" cy="5.5" r="3"/>
    <circle cx="18" cy="5.5" r="3"/>
    <circle cx="12" cy="17.5" r="4"/>
  </g>
</svg>`
});
