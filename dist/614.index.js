export const id=614;export const ids=[614];export const modules={8614:(o,s,t)=>{t.d(s,{fromEnv:()=>r.sF});var r=t(2809)}};
