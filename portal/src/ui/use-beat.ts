import { useEffect, useState } from 'react'

const BEATS_MS = 250

/** Milliseconds since 1970, four times a second while something runs; it stands still otherwise. */
export function useBeat(isRunning: boolean): number {
  const [beat, setBeat] = useState(() => Date.now())
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => setBeat(Date.now()), BEATS_MS)
    return () => clearInterval(timer)
  }, [isRunning])
  return beat
}
