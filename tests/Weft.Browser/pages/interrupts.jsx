// What a run waits for: decisions on the calls of tools that need approval, or the answers to questions.
import { useState } from "react";

export function Interrupts({ interrupts, answer }) {
  if (interrupts.length === 0) {
    return null;
  }

  const [{ id, value }] = interrupts;
  return value?.actionRequests
    ? <Approval key={id} requests={value.actionRequests} decide={(decisions) => answer({ [id]: { decisions } })} />
    : <Questions interrupts={interrupts} answer={answer} />;
}

function Approval({ requests, decide }) {
  const [decisions, setDecisions] = useState(requests.map(() => ({ type: "approve" })));
  const change = (index, decision) => setDecisions(decisions.map((other, at) => (at === index ? decision : other)));
  return (
    <form aria-label="Approval" onSubmit={(event) => { event.preventDefault(); decide(decisions); }}>
      {requests.map((request, index) => (
        <fieldset key={index}>
          <legend>{request.name} {request.args.to}</legend>
          <Decision request={request} decision={decisions[index]} change={(decision) => change(index, decision)} />
        </fieldset>
      ))}
      <button>Decide</button>
    </form>
  );
}

function Decision({ request, decision, change }) {
  const begin = {
    approve: { type: "approve" },
    edit: { type: "edit", editedAction: { name: request.name, args: request.args } },
    reject: { type: "reject", message: "" },
  };
  const { editedAction: action } = decision;
  const editTo = (to) => change({ ...decision, editedAction: { ...action, args: { ...action.args, to } } });
  return (
    <>
      <select aria-label="Decision" value={decision.type} onChange={(event) => change(begin[event.target.value])}>
        {Object.keys(begin).map((type) => <option key={type}>{type}</option>)}
      </select>
      {decision.type === "edit" && <input aria-label="To" value={action.args.to} onChange={(event) => editTo(event.target.value)} />}
      {decision.type === "reject" && (
        <input aria-label="Reason" value={decision.message} onChange={(event) => change({ ...decision, message: event.target.value })} />
      )}
    </>
  );
}

function Questions({ interrupts, answer }) {
  const [answers, setAnswers] = useState({});
  return (
    <form aria-label="Questions" onSubmit={(event) => { event.preventDefault(); answer(answers); }}>
      {interrupts.map(({ id, value }) => (
        <label key={id}>{String(value)} <input onChange={(event) => setAnswers({ ...answers, [id]: event.target.value })} /></label>
      ))}
      <button>Answer</button>
    </form>
  );
}
