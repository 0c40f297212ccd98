namespace Weft.Server.Tests;

/// <summary>Bodies of requests for runs.</summary>
internal static class Bodies
{
    /// <param name="text">What the human says to the graph <c>echo</c>.</param>
    /// <param name="more">Further members, beginning with a comma.</param>
    public static string Echo(string text = "hi", string more = "") =>
        $$"""{"assistant_id":"echo","input":{"messages":[{"role":"human","content":"{{text}}"}]}{{more}}}""";

    public static string Gated(Gate gate, string more = "", string text = "go") =>
        $$"""{"assistant_id":"gated","input":{"gate":"{{gate.Name}}","messages":[{"role":"human","content":"{{text}}"}]}{{more}}}""";

    /// <param name="to">The node that the graph <c>steered</c> goes to.</param>
    public static string Steered(string to) => $$$"""{"assistant_id":"steered","input":{"to":"{{{to}}}"}}""";

    public static string Asking(string more = "") => $$"""{"assistant_id":"asking","input":{"messages":[]}{{more}}}""";

    public static string Failing(bool fail = true, string more = "") =>
        $$"""{"assistant_id":"failing","input":{"fail":{{(fail ? "true" : "false")}}}{{more}}}""";
}
