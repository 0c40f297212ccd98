using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>Where a mount is: what comes before its own paths in the URL of a call.</summary>
internal sealed class MountPath
{
    /// <summary>The number of segments in front of the mount's own: those of its prefix and of the groups around it. Routing knows it once it has built the endpoints.</summary>
    public int Depth { get; set; }

    /// <summary>The path of the mount as clients see it, without a slash at its end: with the path base, and groups with their parameters filled in.</summary>
    public string Of(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        var end = 0;
        for (var i = 0; i < Depth; i++)
        {
            var next = path.IndexOf('/', end + 1);
            end = next < 0 ? path.Length : next;
        }

        return end == 0 ? request.PathBase.ToUriComponent() : request.PathBase.Add(new PathString(path[..end])).ToUriComponent();
    }
}
