using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>The part of a URL's path that comes before a mount's own paths.</summary>
internal sealed class MountPath
{
    /// <summary>
    /// The number of segments before the mount's own paths: those of its prefix and of the groups around it. It is known when
    /// routing has built the endpoints.
    /// </summary>
    public int Depth { get; set; }

    /// <summary>
    /// Returns the path of the mount as clients see it, without a slash at its end: with the path base, and with the values of the
    /// groups' parameters.
    /// </summary>
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
