// Finding, making and showing elements. Text only ever goes through textContent.

/** The element of this id. */
export const find = id => document.getElementById(id)

/** Makes an element with a class and children. */
export const make = (tag, className, ...children) => {
  const element = document.createElement(tag)
  if (className !== '') element.className = className
  element.append(...children)
  return element
}

const SVG = 'http://www.w3.org/2000/svg'

/** Makes a picture of one of the symbols of the page. */
export const icon = name => {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(SVG, 'use')
  use.setAttribute('href', `#icon-${name}`)
  svg.append(use)
  return svg
}

/** Changes the text where it is another one: whoever listens is not told the same again. */
export const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text
}

const STEPS = ['loading', 'number-step', 'code-step', 'end-step']

/** Shows one step and hides the others. */
export const showStep = name => {
  for (const step of STEPS) find(step).hidden = step !== name
  window.scrollTo(0, 0)
}

/** Says something to those who listen, without moving them from where they are. What stands there already is another text only with a space more. */
export const announce = text => {
  const place = find('announcement')
  place.textContent = place.textContent === text ? `${text}\u00A0` : text
}

/** Marks a button as one that does nothing right now. It keeps the focus, which `disabled` would take away. */
export const rest = (button, isResting) => {
  if (isResting) button.setAttribute('aria-disabled', 'true')
  else button.removeAttribute('aria-disabled')
}

/** Whether a button does nothing right now. */
export const isResting = button => button.getAttribute('aria-disabled') === 'true'
