'use strict';
const data=JSON.parse(document.getElementById('data').textContent),main=document.getElementById('main'),key='listening-'+data.key;
let state={listener:'',mos:{},pairs:{}};
try{state=Object.assign(state,JSON.parse(localStorage.getItem(key)||'{}'))}catch(e){}
const save=()=>{try{localStorage.setItem(key,JSON.stringify(state))}catch(e){}};
function el(tag,props={},...children){const e=Object.assign(document.createElement(tag),props);for(const c of children)e.append(c);return e}
const sound=src=>el('audio',{controls:true,preload:'none',src});
const steps=[...data.clips.map((c,i)=>['mos',i]),...data.pairs.map((p,i)=>['pair',i])];
const answered=s=>s[0]==='mos'?state.mos[data.clips[s[1]].id]:state.pairs[s[1]];
let at=steps.findIndex(s=>answered(s)===undefined);if(at<0)at=steps.length;
function choices(list,chosen,pick){const box=el('p');for(const[value,text]of list){const b=el('button',{textContent:text});
  if(value===chosen)b.style.fontWeight='bold';b.onclick=()=>{pick(value);save();at++;draw()};box.append(b,' ')}return box}
function csv(){const q=v=>'"'+String(v).replace(/"/g,'""')+'"',rows=[['listener','kind','first','second','answer']];
  for(const[id,v]of Object.entries(state.mos))rows.push([state.listener,'mos',id,'',v]);
  for(const[i,v]of Object.entries(state.pairs)){const[a,b]=data.pairs[i];rows.push([state.listener,'pair',data.clips[a].id,data.clips[b].id,v])}
  return rows.map(r=>r.map(q).join(',')).join('\r\n')+'\r\n'}
function draw(){main.replaceChildren(el('p',{className:'soft',textContent:`Step ${Math.min(at+1,steps.length)} of ${steps.length}. Answers stay in this browser until you export them.`}));
  if(!state.listener){const name=el('input',{placeholder:'a name or number for you'}),go=el('button',{textContent:'Begin'});
    go.onclick=()=>{if(name.value.trim()){state.listener=name.value.trim();save();draw()}};main.append(name,' ',go);return}
  if(at>=steps.length)main.append(el('h2',{textContent:'Thank you'}),el('p',{textContent:'Export your answers and send the file.'}));
  else{const[kind,i]=steps[at];
    if(kind==='mos'){const c=data.clips[i];main.append(el('h2',{textContent:'How good is this piano cover?'}));
      if(c.songSound)main.append(el('p',{textContent:'The song:'}),sound(c.songSound));
      main.append(el('p',{textContent:'The cover:'}),sound(c.sound),choices([[1,'1 bad'],[2,'2 poor'],[3,'3 fair'],[4,'4 good'],[5,'5 excellent']],state.mos[c.id],v=>state.mos[c.id]=v))}
    else{const[a,b]=data.pairs[i];main.append(el('h2',{textContent:'Which cover do you prefer?'}));
      if(data.clips[a].songSound)main.append(el('p',{textContent:'The song:'}),sound(data.clips[a].songSound));
      main.append(el('p',{textContent:'First:'}),sound(data.clips[a].sound),el('p',{textContent:'Second:'}),sound(data.clips[b].sound),
        choices([['first','the first'],['equal','no difference'],['second','the second']],state.pairs[i],v=>state.pairs[i]=v))}}
  const back=el('button',{textContent:'Back',disabled:at===0}),out=el('button',{textContent:'Export answers (CSV)'});
  back.onclick=()=>{at--;draw()};
  out.onclick=()=>{const a=el('a',{href:URL.createObjectURL(new Blob([csv()],{type:'text/csv'})),download:'answers-'+state.listener.replace(/[^\w-]/g,'_')+'.csv'});a.click()};
  main.append(el('p',{},back,' ',out))}
draw();
