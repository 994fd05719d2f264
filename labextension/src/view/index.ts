export { type IMountOptions, mount } from './mount';
export type { ITranslator } from './strings';
