'use strict';
const data=JSON.parse(document.getElementById('data').textContent),main=document.getElementById('main');
const css=name=>getComputedStyle(document.documentElement).getPropertyValue(name).trim();
function el(tag,props={},...children){const e=Object.assign(document.createElement(tag),props);
  for(const c of children)e.append(c);return e}
function digits(v){const a=Math.abs(v);return a>=100?v.toFixed(0):a>=10?v.toFixed(1):a>=1?v.toFixed(2):v.toFixed(3)}
const show=v=>v===null||v===undefined?'–':digits(v);
const name=path=>path?path.split('/').pop():'';
const label=c=>name(c.cover)+(c.group?' · '+c.group:'')+(c.song?'  ←  '+name(c.song):'');
function row(tag,cells){const tr=el('tr');for(const c of cells)tr.append(c instanceof Node?c:el(tag,{textContent:c}));return tr}
function summaries(){
  const groups=Object.entries(data.set.groups||{}),all=data.covers.length>1||groups.length?[['all',data.set]]:[];
  const sets=[...all,...groups];if(!sets.length)return;
  main.append(el('h2',{textContent:'Means with 95 % intervals'}));
  const table=el('table');table.append(row('th',['measure','human',...sets.map(s=>s[0]),'direction']));
  for(const m of data.measures){
    if(!sets.some(([,s])=>s.count&&s.count[m.name]))continue;
    const tr=row('td',[m.title+(m.unit?' ('+m.unit+')':''),m.human===null?'':digits(m.human),
      ...sets.map(([,s])=>s.mean&&s.mean[m.name]!==null&&s.mean[m.name]!==undefined?
        show(s.mean[m.name])+'  ['+show(s.interval[m.name][0])+', '+show(s.interval[m.name][1])+']':'–'),m.better]);
    tr.title=m.meaning;table.append(tr)}
  main.append(el('div',{className:'scroll'},table));
  const info=new Map(data.measures.map(m=>[m.name,m]));
  const tests=(data.set.comparisons||[]).filter(c=>c.p!==null&&info.get(c.measure).better);
  if(!tests.length)return;
  const t=el('table');t.append(row('th',['measure','systems','mean difference','songs','p','better']));
  for(const c of tests){const m=info.get(c.measure),up=m.better.startsWith('higher');
    const winner=c.p>=.05?'':(c.mean_difference>0)===up?c.second:c.first;
    const tr=row('td',[m.title+(m.human!==null?', distance to human':''),c.second+' − '+c.first,show(c.mean_difference),String(c.songs),c.p.toFixed(4),winner]);
    tr.title=m.meaning;t.append(tr)}
  const inside=el('div',{className:'inside'},el('p',{className:'soft',textContent:'Wilcoxon signed rank, two-sided; a system is named as better where p is below 0.05. Measures without a direction are left out.'}),el('div',{className:'scroll'},t));
  main.append(el('details',{},el('summary',{textContent:'Systems compared on the same songs'}),inside))}
function perSong(){
  main.append(el('h2',{textContent:'Covers'}));
  const columns=['mca','notes_covered','qmax','chord_majmin','wpd','rgc','ipe','notes_per_second','unplayable_share','onset_correlation','offset_ms'];
  const table=el('table',{className:'wrap'});
  table.append(row('th',['cover',...columns.map(c=>{const m=data.measures.find(x=>x.name===c);
    return el('th',{textContent:m.title,title:m.meaning})})]));
  data.covers.forEach((c,i)=>{const link=el('a',{href:'#cover'+i,textContent:name(c.cover)+(c.group?' · '+c.group:'')});
    link.addEventListener('click',()=>{document.getElementById('cover'+i).open=true});
    const tr=row('td',[el('td',{},link),...columns.map(k=>{const td=el('td',{textContent:show(c[k])});
      td.title=(c.undefined||{})[k]||'';return td})]);table.append(tr);
    if(c.error)table.append(el('tr',{},el('td',{className:'text error',colSpan:columns.length+1,textContent:c.error})))});
  main.append(el('div',{className:'scroll'},table))}
function distributions(){
  if(data.covers.length<2)return;
  main.append(el('h2',{textContent:'Distributions'}));
  const grid=el('div',{className:'plots'}),groups=[...new Set(data.covers.map(c=>c.group||''))];
  for(const m of data.measures){
    const values=data.covers.map(c=>c[m.name]).filter(v=>v!==null&&v!==undefined);
    if(values.length<2)continue;
    const known=m.human===null?values:[...values,m.human],lo=Math.min(...known),hi=Math.max(...known),span=hi-lo||1;
    const x=v=>100+(v-lo)/span*240,h=34+groups.length*18;
    let svg=`<svg viewBox="0 0 360 ${h}" role="img"><text x="4" y="13" font-size="12" fill="currentColor">${m.title}</text>`;
    if(m.human!==null)svg+=`<line x1="${x(m.human)}" x2="${x(m.human)}" y1="20" y2="${h-14}" stroke="${css('--good')}" stroke-dasharray="3 2"/>`;
    groups.forEach((g,i)=>{const y=28+i*18,safe=g.replace(/[<&]/g,' ').slice(0,17);
      svg+=`<text x="4" y="${y+4}" font-size="10" fill="${css('--soft')}">${safe}</text>`;
      for(const c of data.covers)if((c.group||'')===g&&c[m.name]!==null&&c[m.name]!==undefined)
        svg+=`<circle cx="${x(c[m.name])}" cy="${y}" r="4" fill="${css('--cover')}" fill-opacity=".55"/>`});
    svg+=`<text x="100" y="${h-2}" font-size="10" fill="${css('--soft')}">${show(lo)}</text><text x="340" y="${h-2}" font-size="10" text-anchor="end" fill="${css('--soft')}">${show(hi)}</text></svg>`;
    const box=el('div',{title:m.meaning});box.innerHTML=svg;grid.append(box)}
  main.append(grid)}

function canvas(height,seconds){const c=el('canvas'),scale=window.devicePixelRatio||1,w=Math.min(16000/scale,Math.max(600,main.clientWidth-30,seconds*10));
  c.width=w*scale;c.height=height*scale;c.style.height=height+'px';c.style.width=w+'px';const g=c.getContext('2d');g.scale(scale,scale);
  const x=t=>34+t/seconds*(w-40);g.font='10px system-ui';g.fillStyle=css('--soft');
  for(let t=0;t<=seconds;t+=w/seconds<5?30:10){g.fillText(Math.floor(t/60)+':'+String(t%60).padStart(2,'0'),x(t)-8,height-3);
    g.fillStyle=css('--line');g.fillRect(x(t),0,1,height-14);g.fillStyle=css('--soft')}
  return{c,g,x,w}}
function pianoRoll(p,seconds){
  const all=[...p.notes,...p.melody].map(n=>n[2]);if(!all.length)return el('p',{className:'soft',textContent:'no notes'});
  const lo=Math.min(...all)-2,hi=Math.max(...all)+2,height=300,{c,g,x}=canvas(height,seconds),y=v=>(hi-v)/(hi-lo)*(height-18)+2;
  for(let v=Math.ceil(lo/12)*12;v<=hi;v+=12){g.fillStyle=css('--line');g.fillRect(34,y(v),9999,1);g.fillStyle=css('--soft');g.fillText('C'+(v/12-1),4,y(v)+3)}
  const unit=Math.max(2,(height-18)/(hi-lo)-1);
  g.fillStyle=css('--cover');for(const[a,b,v]of p.notes)g.fillRect(x(a),y(v)-unit/2,Math.max(1,x(b)-x(a)-.5),unit);
  const shift=melodyShift(p);
  g.strokeStyle=css('--melody');g.lineWidth=2;for(const[a,b,v]of p.melody){g.beginPath();g.moveTo(x(a),y(v+shift));g.lineTo(x(b),y(v+shift));g.stroke()}
  return c}
function melodyShift(p){ // whole octaves that bring the melody nearest to the top of the cover
  if(!p.notes.length||!p.melody.length)return 0;const mid=l=>l.map(n=>n[2]).sort((a,b)=>a-b);
  const a=mid(p.notes),b=mid(p.melody);return Math.round((a[Math.floor(a.length*.8)]-b[Math.floor(b.length/2)])/12)*12}
function chroma(digits,rate,seconds){
  const height=116,{c,g,x}=canvas(height,seconds),frames=digits.length/12,names=['C','','D','','E','F','','G','','A','','B'];
  for(let k=0;k<frames;k++)for(let i=0;i<12;i++){const v=((digits.charCodeAt(k*12+i)-48)/9)**2;if(v<.1)continue;
    g.globalAlpha=v;g.fillStyle=css('--cover');g.fillRect(x(k/rate),(11-i)*8+3,Math.max(1,x(1/rate)-x(0)+.5),7)}
  g.globalAlpha=1;g.fillStyle=css('--soft');g.font='8px system-ui';names.forEach((n,i)=>g.fillText(n,10,(11-i)*8+10));return c}
function bars(list,seconds){
  const height=60,{c,g,x}=canvas(height,seconds);g.fillText('melody',4,14);g.fillText('chords',0,36);
  for(const b of list)[['melody',2],['chords',24]].forEach(([k,top])=>{const v=b[k];
    g.globalAlpha=v===null?1:.12+.88*v;g.fillStyle=v===null?css('--line'):css('--good');
    g.fillRect(x(b.start)+.5,v===null?top+8:top,Math.max(1,x(b.end)-x(b.start)-1),v===null?2:18)});
  g.globalAlpha=1;return c}
function warp(path,seconds){
  if(!path.length)return el('p',{className:'soft',textContent:'no path'});
  const height=160,{c,g,x}=canvas(height,seconds);
  const n=path.length,mx=path.reduce((s,p)=>s+p[0],0)/n,my=path.reduce((s,p)=>s+p[1],0)/n;
  let sxy=0,sxx=0;for(const[a,b]of path){sxy+=(a-mx)*(b-my);sxx+=(a-mx)*(a-mx)}
  const slope=sxx?sxy/sxx:1,rest=path.map(([a,b])=>b-my-slope*(a-mx)),top=Math.max(.2,...rest.map(Math.abs));
  const y=v=>(height-16)/2-v/top*(height-24)/2;g.fillStyle=css('--soft');g.fillText('+'+top.toFixed(1)+' s',0,10);g.fillText('−'+top.toFixed(1)+' s',0,height-20);
  g.fillStyle=css('--line');g.fillRect(34,y(0),9999,1);g.strokeStyle=css('--cover');g.lineWidth=1.5;g.beginPath();
  path.forEach(([a,b],i)=>i?g.lineTo(x(b),y(rest[i])):g.moveTo(x(b),y(rest[i])));g.stroke();return c}
let audio=null,playing=null;
function playNotes(notes,button){ // a plain synthesizer, so that MIDI can be heard without any file
  if(playing){clearInterval(playing.timer);audio.close();audio=null;const same=playing.button===button;
    playing.button.textContent='Play the cover';playing=null;if(same)return}
  audio=new AudioContext();const start=audio.currentTime+.1,list=[...notes].sort((a,b)=>a[0]-b[0]);let next=0;
  button.textContent='Stop';
  const timer=setInterval(()=>{while(next<list.length&&start+list[next][0]<audio.currentTime+1){
    const[a,b,v]=list[next++],o=audio.createOscillator(),gain=audio.createGain(),t=start+a,end=Math.max(t+.1,start+b);
    o.type='triangle';o.frequency.value=440*2**((v-69)/12);gain.gain.setValueAtTime(0,t);gain.gain.linearRampToValueAtTime(.12,t+.005);
    gain.gain.exponentialRampToValueAtTime(.02,end);gain.gain.linearRampToValueAtTime(0,end+.08);
    o.connect(gain).connect(audio.destination);o.start(t);o.stop(end+.1)}},100);
  playing={timer,button}}
function players(c){
  const box=el('div',{className:'players'});
  const has=i=>i!==null&&i!==undefined,player=i=>el('audio',{controls:true,preload:'none',src:data.sounds[i]});
  if(has(c.songSound))box.append(el('span',{textContent:'Song'}),player(c.songSound));
  if(has(c.coverSound))box.append(el('span',{textContent:'Cover'}),player(c.coverSound));
  else if(c.picture&&c.picture.notes.length){const b=el('button',{textContent:'Play the cover'});b.onclick=()=>playNotes(c.picture.notes,b);box.append(b)}
  return box}
function values(c){const t=el('table');
  for(const m of data.measures){const v=c[m.name],why=(c.undefined||{})[m.name];
    t.append(el('tr',{title:m.meaning},el('td',{textContent:m.title}),el('td',{textContent:v===null?'–':digits(v)+(m.unit?' '+m.unit:'')}),
      el('td',{className:'text soft',textContent:why||m.meaning+' ('+m.range+(m.better?'; '+m.better:'')+(m.human!==null?': '+digits(m.human):'')+')'})))}
  return el('div',{className:'scroll'},t)}
function fill(inside,c){
  if(c.error)inside.append(el('p',{className:'error',textContent:c.error}));
  for(const r of c.remarks||[])inside.append(el('p',{className:'soft',textContent:r}));
  const p=c.picture,seconds=Math.max(1,c.song_seconds||0,c.cover_seconds||0);
  if(p){const scroll=el('div',{className:'scroll'}); // one time axis: all pictures move together
    inside.append(players(c),scroll);
    scroll.append(el('h3',{innerHTML:'Piano roll <span class="key" style="background:var(--cover)"></span>cover<span class="key" style="background:var(--melody)"></span>melody of the song (moved by octaves)'}),pianoRoll(p,seconds));
    if(p.songChroma)scroll.append(el('h3',{textContent:'Pitch classes: song'}),chroma(p.songChroma,p.chromaRate,seconds),el('h3',{textContent:'Pitch classes: cover'}),chroma(p.coverChroma,p.chromaRate,seconds));
    if((c.bars||[]).length)scroll.append(el('h3',{textContent:'Agreement bar by bar (stronger is better; thin: undefined)'}),bars(c.bars,seconds));
    if(p.path.length)scroll.append(el('h3',{textContent:'Warp path: song time against its straight line'}),warp(p.path,seconds))}
  inside.append(el('h3',{textContent:'All measures'}),values(c))}
function coverSections(){data.covers.forEach((c,i)=>{
  const d=el('details',{id:'cover'+i},el('summary',{textContent:label(c)})),inside=el('div',{className:'inside'});d.append(inside);
  d.addEventListener('toggle',()=>{if(d.open&&!inside.childNodes.length)fill(inside,c)});main.append(d);
  if(data.covers.length===1)d.open=true})}
summaries();perSong();distributions();coverSections();
