export const id=377;export const ids=[377];export const modules={1377:(t,e,o)=>{o.r(e),o.d(e,{GetCallerIdentityCommand:()=>d.z,STSClient:()=>n.i});var d=o(869),n=o(4928)}};
