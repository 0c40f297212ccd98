namespace Weft.Server;

/// <summary>
/// Writes when nodes start and end. Tasks of one node that run at once are one step, because clients know steps by their names.
/// </summary>
internal sealed class AgUiSteps(AgUiFrames frames)
{
    private readonly Dictionary<string, int> _running = [];

    public void Start(string node)
    {
        var count = _running.GetValueOrDefault(node);
        _running[node] = count + 1;
        if (count == 0)
        {
            Write("STEP_STARTED", node);
        }
    }

    public void End(string node)
    {
        switch (_running.GetValueOrDefault(node))
        {
            case 0:
                // The start may be among events that the reader was too slow for.
                break;
            case 1:
                _running.Remove(node);
                Write("STEP_FINISHED", node);
                break;
            case var count:
                _running[node] = count - 1;
                break;
        }
    }

    public void EndAll()
    {
        foreach (var node in _running.Keys)
        {
            Write("STEP_FINISHED", node);
        }

        _running.Clear();
    }

    private void Write(string type, string node) =>
        frames.Write(type, node, static (writer, node) => writer.WriteString("stepName"u8, node));
}
