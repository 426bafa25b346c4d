namespace FerroLB.Core.Kube.Watch;

/// <summary>How a write ended.</summary>
public enum WriteResult
{
    /// <summary>The server accepted it.</summary>
    Written,

    /// <summary>The object has changed since it was read (409); or, for a creation, it exists.</summary>
    Conflicted,

    /// <summary>The object does not exist any more (404).</summary>
    Gone,

    /// <summary>The server refused it for another reason; repeating it would not help.</summary>
    Refused,

    /// <summary>Too many targets wait already.</summary>
    Overflowed,
}
