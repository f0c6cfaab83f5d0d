import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'

type Search = Readonly<Record<string, string>>

/**
 * A value that the address keeps, so that a link shows the same view: `?tab=docs`. The default is left
 * out of it, and stands for what is not `among` the values that there are.
 *
 *     const [tab, setTab] = useAddressState('tab', 'try')
 */
export function useAddressState<Value extends string = string>(
  name: string,
  byDefault: NoInfer<Value>,
  among?: readonly Value[],
): readonly [Value, (value: Value) => void] {
  const search: Search = useSearch({ strict: false })
  const set = useSetAddress()
  const said = (search[name] ?? byDefault) as Value
  const value = among === undefined || among.includes(said) ? said : byDefault
  return [value, (next) => set({ [name]: next === byDefault ? undefined : next })]
}

/** Everything that the address keeps. */
export function useAddressValues(): Search {
  return useSearch({ strict: false })
}

/**
 * Changes several values at once; undefined takes one away. `push`: the browser's way back leads to what
 * was before.
 */
export function useSetAddress() {
  const navigate = useNavigate()
  return useCallback(
    (values: Readonly<Record<string, string | undefined>>, { push = false } = {}) => {
      void navigate({
        to: '.',
        search: (former: object) => ({ ...former, ...values }),
        replace: !push,
        resetScroll: false,
      } as never)
    },
    [navigate],
  )
}
