export { default as saved } from './plugin';
