'use strict';
const all=JSON.parse(document.getElementById('data').textContent);
const by=id=>document.getElementById(id);
const element=(name,text,kind)=>{const made=document.createElement(name);made.textContent=text;if(kind)made.className=kind;return made};
const kPage=100;
let shown=kPage,chosen=[],pair=null,voices=[];

function counts(){
  const list=document.createElement('ul'),found=new Map();
  for(const row of all){const key=row.state==='done'?'done: '+row.stage:row.state+(row.kind?': '+row.kind:'');found.set(key,(found.get(key)||0)+1)}
  for(const [key,count] of [...found].sort((a,b)=>b[1]-a[1]))list.append(element('li',count+' '+key));
  by('counts').append(element('p',all.length+' pairs'),list);
}

function histogram(figure,title){
  const values=all.map(row=>row[figure]).filter(value=>typeof value==='number');
  if(!values.length)return;
  const low=values.reduce((a,b)=>Math.min(a,b)),high=values.reduce((a,b)=>Math.max(a,b)),bins=new Array(20).fill(0);
  for(const value of values)bins[Math.min(19,Math.floor((value-low)/(high-low||1)*20))]++;
  const canvas=document.createElement('canvas'),most=Math.max(...bins);
  canvas.width=220;canvas.height=90;
  const pen=canvas.getContext('2d');
  pen.fillStyle='#3366aa';
  bins.forEach((count,k)=>pen.fillRect(k*11,90-count/most*84,9,count/most*84));
  const holder=document.createElement('figure');
  holder.append(canvas,element('figcaption',title+': '+low.toFixed(2)+' to '+high.toFixed(2)));
  by('histograms').append(holder);
}

function fill(select,values){for(const value of [...new Set(values)].filter(Boolean).sort())select.append(element('option',value))}

// What is searched in; made once, of 100,000 rows when the first letter is typed.
function words(row){return row.words??=[row.name,row.title,row.arranger,row.song,row.cover,row.reason].join(' ').toLowerCase()}

function choose(){
  const text=by('text').value.toLowerCase(),state=by('state').value,kind=by('kind').value;
  chosen=all.filter(row=>(!state||row.state===state)&&(!kind||row.kind===kind)&&
    (!text||words(row).includes(text)));
  list();
}

function list(){
  const number=(value,digits)=>typeof value==='number'?value.toFixed(digits):'';
  by('rows').replaceChildren(...chosen.slice(0,shown).map(row=>{
    const line=document.createElement('tr'),open=document.createElement('td'),state=element('td',row.state+' '+row.stage+(row.kind?' ('+row.kind+')':''),row.state);
    state.title=row.reason;
    if(row.details){const button=element('button','show');button.type='button';button.onclick=()=>load(row);open.append(button)}
    line.append(element('td',row.title||row.name),element('td',row.arranger),state,element('td',number(row.share,2)),element('td',number(row.agreement,2)),
      element('td',number(row.deviation,3)),element('td',number(row.transposition,0)),element('td',number(row.bars,0)),open);
    return line}));
  by('shown').textContent=chosen.length+' of '+all.length+' pairs';
  by('more').hidden=chosen.length<=shown;
}

// The pair's folder has a script that calls show().
function load(row){
  quiet();
  by('name').textContent=row.title||row.name;
  by('reason').textContent=row.reason;
  const script=document.createElement('script');
  script.src='pairs/'+encodeURIComponent(row.name)+'/page.js';
  script.onerror=()=>{by('reason').textContent='pairs/'+row.name+'/page.js is missing: write the report again'};
  document.body.append(script);
}
const address=file=>file.startsWith('/')?'file://'+file.split('/').map(encodeURIComponent).join('/'):file.split('/').map(encodeURIComponent).join('/');

function show(name,details){
  pair=details;
  by('pair').hidden=false;
  by('song').src=address(details.song);
  by('cover_label').hidden=!details.cover;
  if(details.cover)by('cover').src=address(details.cover);
  draw();
  by('pair').scrollIntoView();
}

// Seconds in the cover of a moment of the song, or null.
function cover_time(seconds){
  for(const passage of pair.passages){
    const points=passage.points,first=points[0],last=points[points.length-1];
    if(seconds<first[1]-0.5||seconds>last[1]+1)continue;
    let k=points.findIndex(point=>point[1]>=seconds);
    if(k<0)return last[0]+seconds-last[1];
    if(k===0)return first[0]+seconds-first[1];
    const a=points[k-1],b=points[k];
    return a[0]+(seconds-a[1])/(b[1]-a[1])*(b[0]-a[0]);
  }
  return null;
}

let context=null;
function quiet(){for(const voice of voices)voice.stop();voices=[];by('song').pause();by('cover').pause()}
function play_notes(){
  if(!by('with_notes').checked)return;
  context=context||new AudioContext();
  context.resume();
  const at=by('song').currentTime,now=context.currentTime+0.05;
  for(const [onset,end,pitch,velocity] of pair.notes){
    if(onset<at||onset>at+600)continue;
    const tone=context.createOscillator(),loud=context.createGain(),begin=now+onset-at,length=Math.max(0.15,end-onset);
    tone.type='triangle';
    tone.frequency.value=440*Math.pow(2,(pitch-69)/12);
    loud.gain.setValueAtTime(0,begin);
    loud.gain.linearRampToValueAtTime(velocity/127*0.12,begin+0.01);
    loud.gain.exponentialRampToValueAtTime(0.001,begin+length+0.2);
    tone.connect(loud).connect(context.destination);
    tone.start(begin);
    tone.stop(begin+length+0.25);
    tone.onended=()=>{voices=voices.filter(voice=>voice!==tone)};
    voices.push(tone);
  }
}
function stop_notes(){for(const voice of voices)voice.stop();voices=[]}
function follow(){
  if(!pair)return;
  draw();
  const song=by('song'),cover=by('cover');
  if(!pair.cover||song.paused)return;
  const wanted=cover_time(song.currentTime);
  if(wanted===null){cover.pause();return}
  const ahead=cover.currentTime-wanted;
  if(Math.abs(ahead)>0.3)cover.currentTime=wanted;
  const later=cover_time(song.currentTime+1);
  const slope=later===null?1:later-wanted;
  cover.playbackRate=Math.min(2,Math.max(0.5,slope*(1-Math.max(-0.1,Math.min(0.1,ahead)))));
  if(cover.paused)cover.play();
}

function draw(){draw_path();draw_roll()}
function draw_path(){
  const canvas=by('path'),pen=canvas.getContext('2d'),ends=pair.passages.map(p=>p.points[p.points.length-1]);
  const wide=Math.max(1,...ends.map(e=>e[0])),high=Math.max(1,...ends.map(e=>e[1]),...pair.bars);
  const x=t=>t/wide*canvas.width,y=t=>canvas.height-t/high*canvas.height;
  pen.clearRect(0,0,canvas.width,canvas.height);
  pen.strokeStyle='#eee';
  for(const bar of pair.bars){pen.beginPath();pen.moveTo(0,y(bar));pen.lineTo(canvas.width,y(bar));pen.stroke()}
  pen.strokeStyle='#3366aa';pen.lineWidth=2;
  for(const passage of pair.passages){
    pen.beginPath();
    passage.points.forEach((p,k)=>k?pen.lineTo(x(p[0]),y(p[1])):pen.moveTo(x(p[0]),y(p[1])));
    pen.stroke();
  }
  pen.lineWidth=1;pen.strokeStyle='#a00';pen.beginPath();
  pen.moveTo(0,y(by('song').currentTime||0));pen.lineTo(canvas.width,y(by('song').currentTime||0));pen.stroke();
}
const roll_begin=()=>Math.max(0,(by('song').currentTime||0)-5);
function draw_roll(){
  const canvas=by('roll'),pen=canvas.getContext('2d'),begin=roll_begin(),scale=canvas.width/20;
  pen.clearRect(0,0,canvas.width,canvas.height);
  pen.strokeStyle='#ddd';
  for(const bar of pair.bars){const x=(bar-begin)*scale;if(x<0||x>canvas.width)continue;pen.beginPath();pen.moveTo(x,0);pen.lineTo(x,canvas.height);pen.stroke()}
  for(const [onset,end,pitch,,melody] of pair.notes){
    if(end<begin||onset>begin+20)continue;
    pen.fillStyle=melody?'#153a75':'#8fb0dd';
    pen.fillRect((onset-begin)*scale,canvas.height-(pitch-20)*canvas.height/90,Math.max(2,(end-onset)*scale-1),2.6);
  }
  pen.strokeStyle='#a00';const x=((by('song').currentTime||0)-begin)*scale;
  pen.beginPath();pen.moveTo(x,0);pen.lineTo(x,canvas.height);pen.stroke();
}

by('roll').onclick=event=>{by('song').currentTime=roll_begin()+event.offsetX/by('roll').clientWidth*20;draw()};
by('song').addEventListener('play',()=>{stop_notes();play_notes();follow()});
by('song').addEventListener('seeked',()=>{stop_notes();if(!by('song').paused)play_notes();draw()});
by('song').addEventListener('pause',()=>{stop_notes();by('cover').pause()});
setInterval(()=>{if(pair&&!by('song').paused)follow()},100);
by('with_notes').onchange=()=>{stop_notes();if(pair&&!by('song').paused)play_notes()};
for(const id of ['text','state','kind'])by(id).addEventListener('input',()=>{shown=kPage;choose()});
by('filters').onsubmit=event=>event.preventDefault();
by('more').onclick=()=>{shown+=kPage;list()};
counts();
histogram('share','Share of the cover in the song');
histogram('agreement','Agreement with the melody');
histogram('deviation','Off the beats, in beats');
histogram('density','Notes a second, densest tenth');
histogram('gain','Likeness gained');
fill(by('state'),all.map(row=>row.state));
fill(by('kind'),all.map(row=>row.kind));
choose();
