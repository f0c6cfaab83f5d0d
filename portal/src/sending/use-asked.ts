import { useOperation } from '~/api/operation.ts'
import { isWhole } from '~/rows/parameter.ts'
import { askedInput, type AskedDraft } from '~/sending/asked-draft.ts'
import { useSample } from '~/sending/sample.ts'
import { useSettled } from '~/ui/settled.ts'

/** What is known of a question that is being put together. */
export function useAsked(draft: AskedDraft) {
  const endpoints = useOperation('endpoints.list', { limit: 1000 })
  const datasets = useOperation('datasets.list', {})
  const isEndpoint = draft.kind === 'endpoint'
  const endpoint = isEndpoint
    ? endpoints.data?.endpoints.find((one) => one.endpoint === draft.endpoint)
    : undefined
  const dataset = isEndpoint ? '' : draft.dataset
  // Of a dataset nobody but its rows says which columns it has.
  const first = useSample(dataset === '' ? null : { dataset }, 1)
  const columns = (isEndpoint ? endpoint?.columns : first.data?.columns) ?? []
  const isAskable = isEndpoint
    ? endpoint !== undefined && isWhole(endpoint.parameters, draft.parameters)
    : dataset !== ''
  const settled = useSettled(isAskable ? askedInput(draft) : null)
  return {
    endpoints: endpoints.data?.endpoints.map((one) => one.endpoint),
    datasets: datasets.data?.datasets.map((one) => one.dataset),
    endpoint,
    columns: columns.map(({ name }) => name),
    /** Nothing is missing for it to be asked. */
    isWhole: isAskable,
    /** For looking ahead, once nobody types any more; null: something is missing. */
    input: isAskable ? settled : null,
  }
}

export type Known = ReturnType<typeof useAsked>
