import { useEffect, useState } from 'react'

/** A value, once it has stood still for a while: what is being typed is not asked letter by letter. */
export function useSettled<Value>(value: Value, waitMs = 350): Value {
  const text = JSON.stringify(value)
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), waitMs)
    return () => clearTimeout(timer)
  }, [text, waitMs])
  return JSON.parse(settled) as Value
}
