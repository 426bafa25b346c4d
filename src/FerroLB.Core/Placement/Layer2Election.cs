using System;
using System.Collections.Generic;
using FerroLB.Core.Config;

namespace FerroLB.Core.Placement;

/// <summary>Decides which node announces an address on its LAN. Made anew when nodes or configuration change.</summary>
public sealed class Layer2Election
{
    /// <summary>Prepares elections among these nodes, given in any order; <paramref name="ignoreExcludeLabel"/> is the flag --ignore-exclude-lb.</summary>
    public Layer2Election(ClusterConfig config, IEnumerable<PlacementNode> nodes, bool ignoreExcludeLabel)
    {
    }

    /// <summary>Where a Service's address lives, seen from one node.</summary>
    public Layer2Placement Place(Layer2Request request, string thisNode) => throw new NotImplementedException();
}
