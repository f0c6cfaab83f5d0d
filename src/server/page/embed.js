// <millrace-chart src="https://…/embed/emb_…#…"></millrace-chart>: a view of Millrace in a page of
// another product. It is a frame that is as high as what it shows; the two tell each other nothing
// but that, and each looks who speaks.
;(() => {
  const HEIGHT_MAX = 5000

  class MillraceChart extends HTMLElement {
    static observedAttributes = ['src', 'title', 'height']

    connectedCallback() {
      if (this.frame) return
      const frame = document.createElement('iframe')
      frame.setAttribute('sandbox', 'allow-scripts allow-same-origin')
      frame.referrerPolicy = 'no-referrer'
      frame.loading = 'lazy'
      Object.assign(frame.style, { display: 'block', width: '100%', border: '0' })
      this.style.display ||= 'block'
      this.frame = frame
      this.hear = (event) => {
        if (event.source !== frame.contentWindow || event.origin !== this.origin) return
        const { type, height } = event.data ?? {}
        if (type === 'millrace-ready') return this.greet()
        if (type !== 'millrace-height' || !Number.isFinite(height) || this.hasAttribute('height'))
          return
        frame.style.height = `${Math.min(Math.max(height, 40), HEIGHT_MAX)}px`
      }
      window.addEventListener('message', this.hear)
      // The frame answers to whoever greets it, if that is a page that may show it.
      this.greet = () => frame.contentWindow?.postMessage({ type: 'millrace-hello' }, this.origin)
      frame.addEventListener('load', this.greet)
      this.attributeChangedCallback()
      this.append(frame)
    }

    disconnectedCallback() {
      window.removeEventListener('message', this.hear)
      this.frame?.remove()
      this.frame = null
    }

    attributeChangedCallback() {
      const { frame } = this
      if (!frame) return
      const src = this.getAttribute('src') ?? ''
      const address = URL.canParse(src, document.baseURI) ? new URL(src, document.baseURI) : null
      if (!address || !/^https?:$/.test(address.protocol)) return
      this.origin = address.origin
      frame.title = this.getAttribute('title') || 'Chart'
      frame.style.height = `${Number.parseInt(this.getAttribute('height') ?? '', 10) || 360}px`
      if (this.shown === address.href) return
      // Another part behind # alone would not load the page again.
      if (this.shown && this.isConnected) frame.src = 'about:blank'
      this.shown = address.href
      queueMicrotask(() => {
        frame.src = address.href
      })
    }
  }

  if (!customElements.get('millrace-chart')) customElements.define('millrace-chart', MillraceChart)
})()
