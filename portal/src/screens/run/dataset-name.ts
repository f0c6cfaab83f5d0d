import { runTexts as texts } from '~/texts/run.ts'

/** What the server calls the step that plans on, once sources have told what they hold. */
const EXPAND = '(expand)'

export const datasetName = (dataset: string): string =>
  dataset === EXPAND ? texts.planningOn : dataset
