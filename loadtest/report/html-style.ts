/**
 * The report's only style sheet. Colours are chosen so that in time, late and lost differ in
 * lightness as well as in hue (readable with any colour vision, and on a black and white print),
 * and so that all text has a contrast of 4.5:1 or more on its ground.
 */
export const styleSheet = `
:root{color-scheme:light dark;--ground:#f7f7f4;--card:#fff;--ink:#1b2430;--soft:#55606f;--line:#dcdfe3;
--in-time:#2f6f9f;--late:#e3b04b;--lost:#b8431f;--direct:#b8431f;--edge:#2f6f9f;--good:#1d6456;--good-ground:#e7f2ee;
--bad:#a23a18;--bad-ground:#fbece6;--band:#1b24300b}
@media (prefers-color-scheme:dark){:root{--ground:#12161b;--card:#1a2027;--ink:#e7eaee;--soft:#a5afbc;--line:#313a45;
--in-time:#5b9fd0;--late:#e8c06b;--lost:#e2703f;--direct:#f08a5d;--edge:#74b4e0;--good:#7fd0ba;--good-ground:#17302b;
--bad:#f59a74;--bad-ground:#3a2119;--band:#ffffff0a}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:auto}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
font-variant-numeric:tabular-nums}
.page{max-width:62rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}
#en{display:none}
body:has(#en:target) #en,body:has(#en :target) #en{display:block}
body:has(#en:target) #fr,body:has(#en :target) #fr{display:none}
a{color:var(--edge);text-underline-offset:.2em}
:focus-visible{outline:3px solid var(--edge);outline-offset:2px;border-radius:3px}
.top time{white-space:nowrap}.top{display:flex;justify-content:space-between;gap:1rem;align-items:baseline;color:var(--soft);font-size:.9rem}
h1{font-size:clamp(1.7rem,4.6vw,2.6rem);line-height:1.15;letter-spacing:-.02em;font-weight:650;margin:.4rem 0 .3rem;text-wrap:balance}
h2{font-size:1.25rem;letter-spacing:-.01em;margin:3rem 0 .6rem;font-weight:640}
h3{font-size:1rem;margin:1.4rem 0 .4rem;font-weight:620}
p{margin:.4rem 0;max-width:46rem}
.lead{font-size:1.05rem;color:var(--soft);text-wrap:pretty}
.banner{margin:1.2rem 0 0;padding:1.4rem 1.5rem 1.5rem;border-radius:14px;background:var(--card);border:1px solid var(--line);border-top:6px solid var(--soft)}
.banner.pass{border-top-color:var(--good)}.banner.fail{border-top-color:var(--bad)}
.badge{display:inline-block;font-weight:650;font-size:.85rem;padding:.15rem .7rem;border-radius:99px;border:1px solid currentColor}
.pass .badge,.mark.good{color:var(--good)}.pass .badge{background:var(--good-ground)}
.fail .badge,.mark.bad{color:var(--bad)}.fail .badge{background:var(--bad-ground)}
.mark{white-space:nowrap}.mark.unknown{color:var(--soft)}
.arms{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:1rem;margin-top:1.2rem}
.arm{border:1px solid var(--line);border-radius:10px;padding:1rem 1.1rem;background:var(--ground)}
.arm h3{margin:0;color:var(--soft);font-weight:560;font-size:.92rem}
.arm .outcome{font-size:1.45rem;font-weight:650;letter-spacing:-.01em;margin:.1rem 0 .7rem}
dl.figures{display:grid;grid-template-columns:1fr auto;gap:.3rem 1rem;margin:0;font-size:.95rem}
dl.figures dt{color:var(--soft)}dl.figures dd{margin:0;text-align:right;font-weight:600}
.scroll{overflow-x:auto;margin:.8rem 0;background:var(--card);border:1px solid var(--line);border-radius:10px}
table{border-collapse:collapse;width:100%;font-size:.93rem}
caption{text-align:left;color:var(--soft);padding:.7rem .9rem .2rem;font-size:.88rem}
th,td{padding:.42rem .9rem;text-align:right;font-weight:400;border-top:1px solid var(--line);white-space:nowrap;vertical-align:top}
thead th{border-top:0;color:var(--soft);font-size:.84rem;vertical-align:bottom}
th:first-child{text-align:left;white-space:normal;min-width:7.5rem}
tbody th{font-weight:500}td:has(.note){white-space:normal}
.note{font-weight:400}
details{margin:.5rem 0}summary{cursor:pointer;color:var(--soft);font-size:.9rem;padding:.2rem 0}
code,pre{font:.9rem/1.5 ui-monospace,"Cascadia Mono",Menlo,monospace;overflow-wrap:anywhere}
pre{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.8rem 1rem;white-space:pre-wrap;margin:.6rem 0}
figure{margin:1rem 0 .2rem}
figcaption{display:flex;flex-wrap:wrap;gap:.1rem 1rem;justify-content:space-between;font-size:.93rem;margin-bottom:.35rem}
figcaption b{font-weight:620}
.key{display:flex;flex-wrap:wrap;gap:.1rem .9rem;color:var(--soft);font-size:.85rem}
.key span::before{content:"";display:inline-block;width:.75em;height:.75em;margin-right:.4em;border-radius:2px;background:var(--tint)}
.key .line::before{height:3px;width:1.3em;vertical-align:.22em;border-radius:0}
.key .dashed::before{background:repeating-linear-gradient(90deg,var(--tint) 0 5px,transparent 5px 8px)}
.plot{position:relative;height:9.5rem;background:var(--card);border:1px solid var(--line);border-radius:10px;overflow:hidden}
.plot.low{height:7rem}
.plot svg{position:absolute;inset:0;width:100%;height:100%;display:block}
.plot i{position:absolute;left:.45rem;font-style:normal;font-size:.75rem;color:var(--ink);transform:translateY(-50%);padding:0 .25rem;
background:color-mix(in srgb,var(--card) 82%,transparent);border-radius:3px;line-height:1.3}
.axis{position:relative;height:2.5rem;font-size:.78rem;color:var(--soft)}
.axis span{position:absolute;text-overflow:ellipsis;top:.25rem;padding-left:.3rem;line-height:1.25;border-left:1px solid var(--line);white-space:nowrap;overflow:hidden}
.axis b{display:block;color:var(--ink);font-weight:600}
.meter{display:inline-block;width:4.5rem;height:.5rem;border-radius:3px;background:var(--line);overflow:hidden;margin-left:.6rem;vertical-align:.08em}
.meter u{display:block;height:100%;background:var(--edge)}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.2rem;font-size:.93rem;margin:.8rem 0}
dl.facts dt{color:var(--soft)}dl.facts dd{margin:0;overflow-wrap:anywhere}
footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.88rem}
@media (max-width:32rem){.page{padding:1rem .9rem 3rem}.banner{padding:1.1rem 1rem 1.1rem}th,td{padding:.4rem .6rem}h2{margin-top:2.3rem}dl.facts{grid-template-columns:1fr}dl.facts dd{margin-bottom:.5rem}}
@media print{:root{color-scheme:light;--ground:#fff;--card:#fff;--ink:#000;--soft:#333;--line:#bbb;--in-time:#2f6f9f;--late:#e3b04b;--lost:#b8431f;
--direct:#b8431f;--edge:#2f6f9f;--good:#1d6456;--bad:#a23a18;--good-ground:#fff;--bad-ground:#fff;--band:#0000000b}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{font-size:10.5pt}.page{padding:0;max-width:none}details,.switch{display:none}.scroll{overflow:visible}
figure,table,.banner,.arm,tr{break-inside:avoid}h2,h3{break-after:avoid}@page{margin:16mm}}
`
