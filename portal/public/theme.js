// Before anything is drawn, so that a dark page does not flash white: the choice of this browser, else
// that of the system.
;(() => {
  let chosen = null
  try {
    chosen = localStorage.getItem('millrace-theme')
  } catch {
    // A browser that keeps nothing has the system's choice.
  }
  const dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
